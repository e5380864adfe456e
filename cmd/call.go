package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"immersve-doctor/diagnose"
	"immersve-doctor/diagnose/api"
	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/troubleshoot/report"
	"immersve-doctor/troubleshoot/simulator"
)

type callOptions struct {
	*shared
	credentialOptions
	sendOptions
	probeOptions
	data     string
	headers  []string
	simulate string
	body     bool
}

func newCall(s *shared) *cobra.Command {
	o := &callOptions{shared: s}
	c := &cobra.Command{
		Use:   "call OPERATION|METHOD PATH [ITEM...]",
		Short: "Send a request and diagnose the response",
		Long:  "Send one request and diagnose the response.",
		Annotations: map[string]string{
			noteUsage: "immersve-doctor call OPERATION [ITEM...]\nimmersve-doctor call METHOD PATH [ITEM...]",
			noteMore: `Items:
  name=value        Path parameter, or string field in the JSON body
  name:=json        Number, boolean, object or list in the JSON body
  name==value       Query parameter
  Name:value        Header
  name@file         File in a multipart body
  name=@file        Value read from a file (also name:=@file)
  a[b]=c, a[]=c     Nested field, list item`,
		},
		Example: `  immersve-doctor call list-currencies
  immersve-doctor call get-card cardId=0b5d6f3d9a1c4e7788aa0c1d2e3fe5f6
  immersve-doctor call POST /api/cards --data @card.json --dry-run
  immersve-doctor call create-card --env local --simulate 403:KYC_REQUIRED
  immersve-doctor call create-card --help`,
		RunE: func(c *cobra.Command, args []string) error {
			return runCall(c.Context(), o, args)
		},
		ValidArgsFunction: s.completeCall,
	}
	f := c.Flags()
	o.credentialOptions.flags(f)
	o.sendOptions.flags(f)
	o.probeOptions.flags(f)
	f.StringVarP(&o.data, "data", "d", "", "Body: text, @FILE, or @- for stdin")
	f.StringArrayVarP(&o.headers, "header", "H", nil, "Add a header")
	f.StringVar(&o.simulate, "simulate", "", "Make the simulator fail: 403:KYC_REQUIRED, 429")
	f.BoolVar(&o.body, "body", false, "Print only the response body, secrets masked")
	return c
}

func runCall(ctx context.Context, o *callOptions, args []string) error {
	if err := readsInputOnce(o.secret == "-", o.token == "-", o.data == "@-"); err != nil {
		return err
	}
	c, err := o.resolve(o.env)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		if args, err = o.choose(); err != nil {
			return err
		}
	}
	draft, err := o.draft(args)
	if err != nil {
		return err
	}
	base, err := c.baseURL()
	if err != nil {
		return err
	}
	if err := o.checkScenario(c.environment); err != nil {
		return err
	}
	var sim *local
	if c.environment == "local" {
		if sim, err = startLocal(ctx, o.env, o.scenario); err != nil {
			return err
		}
		defer sim.stop()
		base = sim.url
		sim.fill(&c, draft.operation)
	}
	if err := o.complete(draft, c, sim); err != nil {
		return err
	}
	if err := o.build(draft); err != nil {
		return err
	}
	request, err := draft.request(base, c)
	if err != nil {
		return err
	}
	if err := o.addSimulation(request); err != nil {
		return err
	}
	ex, err := o.exchangeOf(ctx, o.env, request)
	if err != nil {
		return err
	}
	sim.mark(ex)
	d := diagnose.Diagnose(ex, o.env.Now())
	c.noteSources(&d)
	return o.settle(ctx, d, c, sim)
}

// settle looks behind a refusal, where that is asked for, and shows the
// diagnosis.
func (o *callOptions) settle(ctx context.Context, d diagnose.Diagnosis, c credentials, sim *local) error {
	if o.probe && !o.body && !o.dryRun {
		options, err := o.quietOptions(o.env)
		if err != nil {
			return err
		}
		var stop context.CancelFunc
		ctx, stop = o.env.Interrupts(ctx)
		defer stop()
		d = o.forSent(o.shared, options, c, sim).add(ctx, d)
	}
	err := o.show(ctx, d)
	if ctx.Err() != nil {
		return exit(exitInterrupted)
	}
	return err
}

// cannotReturn names the simulated response that a misspelt one most likely means.
func cannotReturn(wanted string, op *api.Operation) error {
	name := "this endpoint"
	if op != nil {
		name = op.ID
	}
	all := simulator.Demands(op)
	hint := "it can return " + listed(all, "or")
	if near := nearest(wanted, all); near != "" {
		hint = "did you mean " + near + "?"
	}
	return usage(hint, "--simulate: %s can't return %q", name, wanted)
}

func (o *callOptions) addSimulation(request *exchange.Request) error {
	if o.simulate == "" {
		return nil
	}
	if !api.IsLoopback(request.URL.Host) {
		return usage("add --env local", "--simulate works with the simulator only, not with %s", request.URL.Host)
	}
	op := documented(string(request.Method), request.URL.Reveal())
	if !simulator.CanReturn(o.simulate, op) {
		return cannotReturn(o.simulate, op)
	}
	request.Header.Add("x-immersve-simulate", o.simulate)
	return nil
}

// show writes the diagnosis, and on success what was asked for: the body.
func (o *callOptions) show(ctx context.Context, d diagnose.Diagnosis) error {
	if o.body && d.Exchange.Response != nil {
		fmt.Fprintln(o.env.Out, strings.Join(bodyLines(d.Exchange.Response.Body), "\n"))
		return sentStatus(&d)
	}
	out := newOutput(o.shared, o.save)
	if err := out.diagnosis(d); err != nil {
		return err
	}
	if err := out.close(ctx); err != nil {
		return err
	}
	o.showContent(&d, "--body")
	return sentStatus(&d)
}

// showContent writes what of a successful answer people read: the beginning of
// its content, in text output only. flag is what shows the rest.
func (s *shared) showContent(d *diagnose.Diagnosis, flag string) {
	if s.output != "text" || d.Exchange.Response == nil || d.Failed() || !d.Exchange.Response.Body.Present() {
		return
	}
	lines := bodyLines(d.Exchange.Response.Body)
	shown := lines[:min(len(lines), maxBodyLines)]
	var b strings.Builder
	for _, l := range shown {
		b.WriteString("\n  " + l)
	}
	if len(shown) < len(lines) {
		fmt.Fprintf(&b, "\n  … %d more lines; %s shows all", len(lines)-len(shown), flag)
	}
	fmt.Fprintln(s.env.Out, b.String())
}

// maxBodyLines is what of a successful answer is shown without asking.
const maxBodyLines = 40

// bodyLines returns a body for reading: indented where it is JSON, secrets
// masked, inert on a terminal.
func bodyLines(b exchange.Body) []string {
	shown := b.String()
	var indented bytes.Buffer
	if exchange.ValidJSON([]byte(shown)) && json.Indent(&indented, []byte(shown), "", "  ") == nil {
		shown = indented.String()
	}
	lines := strings.Split(strings.TrimRight(shown, "\n"), "\n")
	for i, l := range lines {
		lines[i] = report.Plain(strings.TrimRight(l, "\r"))
	}
	return lines
}

// draft is a request before it knows its host.
type draft struct {
	operation *api.Operation // nil when the route is not documented
	named     bool           // the operation was named, not its route
	method    string
	target    string // path with filled parameters, or an absolute URL
	items     []item
	query     []string
	header    exchange.Header
	body      exchange.Body
}

func (o *callOptions) draft(args []string) (*draft, error) {
	d := &draft{}
	rest, err := d.name(args)
	if err != nil {
		return nil, err
	}
	for _, word := range rest {
		it, err := parseItem(word)
		if err != nil {
			return nil, usage(d.itemHint(word), "%w", err)
		}
		if err := it.fromFile(); err != nil {
			return nil, usage("", "%w", err)
		}
		if err := it.validJSON(); err != nil {
			return nil, usage(it.name+"=... sends a string", "%w", err)
		}
		d.items = append(d.items, it)
	}
	return d, nil
}

// itemHint says what a word that isn't an item most likely stands for: the value of
// the first path parameter that has none yet.
func (d *draft) itemHint(word string) string {
	if d.operation != nil {
		for _, p := range placesOf(d.operation) {
			if p.in == "path" && !p.givenIn(d.items) {
				return "did you mean " + exchange.QuoteLine(p.name+"="+word) + "?"
			}
		}
	}
	return "items are name=value, name:=json, name==value (query), Name:value (header), name@file"
}

// build puts the items and flags into the draft.
func (o *callOptions) build(d *draft) error {
	if err := d.add(d.items); err != nil {
		return err
	}
	if i := slices.IndexFunc(d.items, item.inBody); i >= 0 && o.data != "" && d.body.Present() {
		return usage("give the body in one of the two ways", "-d and %s both make the body", d.items[i].name)
	}
	return o.addFlags(d)
}

// readsInputOnce refuses two flags that both want standard input.
func readsInputOnce(wants ...bool) error {
	n := 0
	for _, w := range wants {
		if w {
			n++
		}
	}
	if n > 1 {
		return usage("use @FILE for the others", "stdin can be read only once, but %d flags use it", n)
	}
	return nil
}

// name reads the operation, or method and path, and returns the other words.
func (d *draft) name(args []string) ([]string, error) {
	if op, err := api.Lookup(args[0]); err == nil {
		d.operation, d.named, d.method, d.target = op, true, op.Method, op.Path
		return args[1:], nil
	}
	method := strings.ToUpper(args[0])
	if isTarget(args[0]) {
		d.method, d.target = "", args[0] // a path alone: GET, or POST when there is a body
		d.operation = documented("GET", args[0])
		return args[1:], nil
	}
	if isMethod(method) && len(args) == 1 {
		return nil, usage("try: immersve-doctor call "+exchange.QuoteLine(method)+" /api/currencies", "%s needs a path", method)
	}
	if isMethod(method) && !isTarget(args[1]) && strings.Contains(args[1], "/") {
		args = append([]string{method, "/" + args[1]}, args[2:]...) // the slash in front was left out
	}
	if len(args) > 1 && isTarget(args[1]) && strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		d.method, d.target = method, args[1]
		d.operation = documented(method, args[1])
		return args[2:], nil
	}
	return nil, unknownOperation(args[0])
}

func isMethod(s string) bool {
	return oneOf(s, http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions)
}

func isTarget(s string) bool { return strings.HasPrefix(s, "/") || strings.Contains(s, "://") }

func documented(method, target string) *api.Operation {
	match := api.MatchRoute(method, exchange.ParseURL(target).PathSegments())
	if !match.Found() {
		return nil
	}
	op, err := api.Lookup(match.Route.ID)
	if err != nil {
		return nil // every route has its file; a test holds them together
	}
	return op
}

// add distributes the items over path, query, header and body.
func (d *draft) add(items []item) error {
	var body document
	var parts []item
	for _, it := range items {
		switch {
		case it.sign == ":":
			d.header.Add(it.name, strings.TrimSpace(it.value))
		case it.sign == "==":
			d.query = append(d.query, url.QueryEscape(it.name)+"="+url.QueryEscape(it.value))
		case it.sign == "=" && strings.Contains(d.target, "{"+it.name+"}"):
			d.target = strings.ReplaceAll(d.target, "{"+it.name+"}", url.PathEscape(it.value))
		case it.sign == "=" && d.operation != nil && d.operation.RequestBody == nil && d.operation.Parameter("query", it.name) != nil:
			d.query = append(d.query, url.QueryEscape(it.name)+"="+url.QueryEscape(it.value))
		case it.sign == "@" || d.isMultipart():
			parts = append(parts, it)
		case d.operation != nil && d.operation.RequestBody == nil && d.named:
			return noParameter(d.operation, it)
		case it.sign == ":=":
			if err := body.set(it.name, json.RawMessage(it.value)); err != nil {
				return usage("", "%w", err)
			}
		default:
			if err := body.set(it.name, jsonText(it.value)); err != nil {
				return usage("", "%w", err)
			}
		}
	}
	if len(parts) > 0 {
		return d.multipart(parts)
	}
	var err error
	d.body, err = body.content()
	if d.body.Present() {
		d.defaultField("content-type", "application/json")
	}
	return err
}

// noParameter says that an operation without a body has no place for an item.
func noParameter(op *api.Operation, it item) error {
	var names []string
	for _, p := range op.Parameters {
		names = append(names, p.Name)
	}
	hint := it.name + "== sends it as a query parameter anyway"
	for _, n := range names {
		if near := nearest(it.name, []string{n}); near != "" {
			hint = "did you mean " + exchange.QuoteLine(n+"="+it.value) + "?"
		}
	}
	return usage(hint, "%s has no parameter %q and doesn't accept a body", op.ID, it.name)
}

func (d *draft) isMultipart() bool {
	return d.operation != nil && d.operation.RequestBody != nil && d.operation.RequestBody.ContentType == "multipart/form-data"
}

// multipart writes the parts in the order of the command line, files last
// (RFC 7578), because the API reads the fields first.
func (d *draft) multipart(parts []item) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	slices.SortStableFunc(parts, func(x, y item) int { return strings.Compare(fileLast(x), fileLast(y)) })
	for _, p := range parts {
		if p.sign != "@" {
			if err := w.WriteField(p.name, p.value); err != nil {
				return fmt.Errorf("write part %s: %w", p.name, err)
			}
			continue
		}
		content, err := readFile(p.value, maxBody)
		if err != nil {
			return usage("", "read part %s from %s: %w", p.name, p.value, err)
		}
		part, err := w.CreatePart(map[string][]string{
			"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, p.name, filepath.Base(p.value))},
			"Content-Type":        {http.DetectContentType(content)},
		})
		if err == nil {
			_, err = part.Write(content)
		}
		if err != nil {
			return fmt.Errorf("write part %s: %w", p.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("write the multipart body: %w", err)
	}
	d.body = exchange.NewBody(b.Bytes())
	d.header.Set("content-type", w.FormDataContentType())
	return nil
}

func fileLast(it item) string {
	if it.sign == "@" {
		return "1"
	}
	return "0"
}

func (d *draft) defaultField(name, value string) {
	if _, ok := d.header.Get(name); !ok {
		d.header.Add(name, value)
	}
}

// addFlags takes over -H and -d.
func (o *callOptions) addFlags(d *draft) error {
	for _, h := range o.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return usage("use -H 'Name: value'", "not a header: %q", exchange.MaskHeader(h))
		}
		d.header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if o.data == "" {
		return nil
	}
	content, err := bodyFlag(o.env, o.data)
	if err != nil {
		return err
	}
	d.body = exchange.NewBody(content)
	d.defaultField("content-type", "application/json")
	return nil
}

// bodyFlag reads a body that a flag gives: text, @FILE or @-.
func bodyFlag(env Environment, value string) ([]byte, error) {
	name, isFile := strings.CutPrefix(value, "@")
	switch {
	case !isFile:
		return []byte(value), nil
	case name == "-":
		return readLimited(env.In, 16<<20)
	}
	content, err := readFile(name, maxBody)
	if err != nil {
		return nil, usage("", "read --data from %s: %w", name, err)
	}
	return content, nil
}

// request completes the draft: host, credentials, method.
func (d *draft) request(base string, c credentials) (*exchange.Request, error) {
	if d.method == "" {
		d.method = http.MethodGet
		if d.body.Present() {
			d.method = http.MethodPost
		}
		d.operation = documented(d.method, d.target)
	}
	target := d.target
	if strings.HasPrefix(target, "/") {
		target = hostFor(base, d.operation) + target
	}
	if len(d.query) > 0 {
		sign := "?"
		if strings.Contains(target, "?") {
			sign = "&"
		}
		target += sign + strings.Join(d.query, "&")
	}
	r := &exchange.Request{Method: exchange.Method(d.method), URL: exchange.ParseURL(target), Header: d.header, HeaderCaptured: true, Body: d.body}
	if !r.Body.Present() {
		r.Body = exchange.NewBody(nil)
	}
	c.apply(&r.Header, d.operation)
	return r, nil
}

// hostFor returns the host of the base's environment that serves the operation:
// card PINs and secure details live on hosts of their own.
func hostFor(base string, op *api.Operation) string {
	base = strings.TrimRight(base, "/")
	host := api.FindHost(exchange.ParseURL(base).Host)
	if op == nil || host.Role != api.HostAPI || slices.Contains(op.Hosts, host.Name) {
		return base
	}
	for _, name := range op.Hosts {
		if api.FindHost(name).Environment == host.Environment {
			return "https://" + name
		}
	}
	return base
}
