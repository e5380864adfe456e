'use strict';
// Adds to the page what needs a script: copying commands, and sorting and
// searching tables. Without it the page shows the same.
(() => {
  const live = document.getElementById('live');
  const say = words => { live.textContent = words; };

  const element = (name, properties, ...children) => {
    const e = Object.assign(document.createElement(name), properties);
    e.append(...children);
    return e;
  };

  const select = node => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  const copy = async (code, button) => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
      say('Copied');
    } catch {
      select(code); // no permission: it is selected, ready for the keyboard
      button.textContent = 'Selected';
      say('Selected; copy it with the keyboard');
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  };

  for (const code of document.querySelectorAll('code.command')) {
    const button = element('button', { type: 'button', className: 'copy', textContent: 'Copy' });
    button.setAttribute('aria-label', 'Copy the command ' + code.textContent);
    button.addEventListener('click', () => copy(code, button));
    const pair = element('span', { className: 'copied' });
    code.replaceWith(pair);
    pair.append(code, button);
  }

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.v ?? cell.textContent.trim();
    const number = Number(text.replaceAll(',', ''));
    return text !== '' && !Number.isNaN(number) ? number : text;
  };

  const compare = (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return String(a).localeCompare(String(b), 'en', { numeric: true });
  };

  const sortTable = (table, column, down) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row, i) => ({ row, i, value: valueOf(row, column) }));
    rows.sort((a, b) => (down ? compare(b.value, a.value) : compare(a.value, b.value)) || a.i - b.i);
    body.append(...rows.map(r => r.row));
    [...table.tHead.rows[0].cells].forEach((th, i) => {
      if (i === column) th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      else th.removeAttribute('aria-sort');
    });
  };

  const makeSortable = table => {
    const heads = [...table.tHead.rows[0].cells];
    const choice = element('select');
    heads.forEach((th, column) => {
      if ('still' in th.dataset) return;
      const name = th.textContent;
      const numbers = th.classList.contains('n') || th.classList.contains('wide');
      const button = element('button', { type: 'button', textContent: name });
      button.addEventListener('click', () => {
        const was = th.getAttribute('aria-sort');
        const down = was ? was === 'ascending' : numbers && name !== 'Place';
        sortTable(table, column, down);
        say(`Sorted by ${name}, ${down ? 'descending' : 'ascending'}`);
      });
      th.replaceChildren(button);
      choice.append(element('option', { value: column, textContent: name }));
    });
    choice.addEventListener('change', () => {
      const th = heads[Number(choice.value)];
      sortTable(table, Number(choice.value), th.classList.contains('n') || th.classList.contains('wide'));
    });
    if (table.dataset.sorted) {
      choice.value = table.dataset.sorted;
      heads[Number(table.dataset.sorted)].setAttribute('aria-sort', 'descending');
    }
    const tools = element('div', { className: 'tools' }, element('label', { className: 'sortby' }, 'Sort by ', choice));
    table.before(tools);
    return tools;
  };

  const makeSearchable = (table, tools) => {
    const rows = [...table.tBodies[0].rows].map(row => ({ row, text: row.textContent.toLowerCase() }));
    const input = element('input', { type: 'search', autocomplete: 'off', spellcheck: false, placeholder: 'for example: 403 create-card' });
    const found = element('span', { className: 'found' });
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const { row, text } of rows) {
        row.hidden = !words.every(word => text.includes(word));
        if (!row.hidden) count++;
      }
      found.textContent = words.length ? `${count} of ${rows.length} ${table.dataset.what}` : '';
      return found.textContent;
    };
    let pause;
    input.addEventListener('input', () => {
      clearTimeout(pause);
      pause = setTimeout(() => say(show()), 120);
    });
    tools.prepend(element('label', {}, 'Search', input), found);
    show();
  };

  for (const table of document.querySelectorAll('table.sortable')) {
    if (table.tBodies[0].rows.length < 2) continue;
    const tools = makeSortable(table);
    if (table.classList.contains('searchable')) makeSearchable(table, tools);
  }
})();
