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
	"immersve-doctor/troubleshoot"
	"immersve-doctor/troubleshoot/report"
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
		Use:   "call OPERATION|METHOD PATH [ITEM…]",
		Short: "Send one request and diagnose the answer",
		Long: `Sends one request and diagnoses the answer. The request is named by its
operation, or by method and path; items fill it:

  name=value     path parameter, or member of the JSON body (text)
  name:=json     member of the JSON body (number, boolean, object, list)
  name==value    query parameter
  Name:value     header field
  name@file      part of a multipart body
  name=@file     the value from a file (:=@file likewise)
  a[b]=c, a[]=c  members of members, and of lists`,
		Example: `  immersve-doctor call list-currencies --env local
  immersve-doctor call get-card cardId=… --account …
  immersve-doctor call POST /api/cards cardProgramId=… fundingSourceId=… --dry-run
  immersve-doctor call create-card --env local --simulate 403:KYC_REQUIRED`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return o.howTo()
			}
			return runCall(c.Context(), o, args)
		},
		ValidArgsFunction: completeOperations,
	}
	f := c.Flags()
	o.credentialOptions.flags(f)
	o.sendOptions.flags(f)
	o.probeOptions.flags(f)
	f.StringVarP(&o.data, "data", "d", "", "body: text, `@FILE`, or @- for standard input")
	f.StringArrayVarP(&o.headers, "header", "H", nil, "header `FIELD: value`")
	f.StringVar(&o.simulate, "simulate", "", "ask the simulator for an error: `STATUS[:CODE]`")
	f.BoolVar(&o.body, "body", false, "write the response's body only, secrets masked, to standard output")
	return c
}

func completeOperations(_ *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 0 {
		for _, r := range api.Routes() {
			if strings.HasPrefix(r.ID, start) {
				names = append(names, r.ID)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	if op, err := api.Lookup(args[0]); err == nil {
		for _, p := range op.Parameters {
			sign := map[string]string{"path": "=", "query": "==", "header": ":"}[p.In]
			if strings.HasPrefix(p.Name+sign, start) {
				names = append(names, p.Name+sign)
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// howTo shows the operations in groups.
func (o *callOptions) howTo() error {
	if !o.env.OutTTY {
		return usage("for example: immersve-doctor call list-currencies --env local\nall operations: immersve-doctor explain --list", "call wants an operation, or a method and a path")
	}
	tags, operations := troubleshoot.OperationsByTag()
	fmt.Fprintln(o.env.Out, "immersve-doctor call OPERATION [name=value…]      for example:\n\n  immersve-doctor call list-currencies --env local\n  immersve-doctor call get-card cardId=…")
	for _, tag := range tags {
		fmt.Fprintf(o.env.Out, "\n%s\n", tag)
		for _, r := range operations[tag] {
			page, err := troubleshoot.Operation(r.ID)
			if err != nil {
				return err
			}
			title := []rune(page.Title)
			fmt.Fprintf(o.env.Out, "  %-36s %s\n", r.ID, string(title[:min(len(title), 41)]))
		}
	}
	return nil
}

func runCall(ctx context.Context, o *callOptions, args []string) error {
	if err := readsInputOnce(o.secret == "-", o.token == "-", o.data == "@-"); err != nil {
		return err
	}
	c, err := o.resolve(o.env)
	if err != nil {
		return err
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
		draft.fillFrom(sim)
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
	return o.settle(ctx, diagnose.Diagnose(ex, o.env.Now()), c, sim)
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

func (o *callOptions) addSimulation(request *exchange.Request) error {
	if o.simulate == "" {
		return nil
	}
	if !api.IsLoopback(request.URL.Host) {
		return usage("add --env local", "--simulate asks the simulator, and %s is none", request.URL.Host)
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
	if exchange.ValidJSON(b.Bytes()) && json.Indent(&indented, b.Bytes(), "", "  ") == nil {
		shown = exchange.NewBody(indented.Bytes()).String()
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
	missing   []string
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
	var items []item
	for _, word := range rest {
		it, err := parseItem(word)
		if err == nil {
			err = it.fromFile()
		}
		if err == nil {
			err = it.validJSON()
		}
		if err != nil {
			return nil, usage("items are name=value, name:=json, name==value (query), Name:value (header), name@file", "%w", err)
		}
		items = append(items, it)
	}
	if err := d.add(items); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(items, item.inBody); i >= 0 && o.data != "" && d.body.Present() {
		return nil, usage("give the body in one of the two ways", "-d and %s both make the body", items[i].name)
	}
	return d, o.addFlags(d)
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
		return usage("use @FILE for the others", "standard input can be read once, and %d flags want it", n)
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
		return nil, usage("for example: immersve-doctor call "+exchange.QuoteLine(method)+" /api/currencies", "%s wants a path", method)
	}
	if isMethod(method) && !isTarget(args[1]) && strings.Contains(args[1], "/") {
		args = append([]string{method, "/" + args[1]}, args[2:]...) // the slash in front was left out
	}
	if len(args) > 1 && isTarget(args[1]) && strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		d.method, d.target = method, args[1]
		d.operation = documented(method, args[1])
		return args[2:], nil
	}
	var ids []string
	for _, r := range api.Routes() {
		ids = append(ids, r.ID)
	}
	hint := "all operations: immersve-doctor explain --list"
	if near := nearest(args[0], ids); near != "" {
		hint = "did you mean: immersve-doctor call " + near + "?"
	}
	return nil, usage(hint, "there is no operation called %q", args[0])
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
	for part := range strings.SplitSeq(exchange.ParseURL(d.target).Path, "/") {
		if d.operation != nil && strings.HasPrefix(part, "{") {
			d.missing = append(d.missing, strings.Trim(part, "{}"))
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
	hint := fmt.Sprintf("%s==… adds it to the query all the same", it.name)
	for _, n := range names {
		if near := nearest(it.name, []string{strings.ToLower(n)}); near != "" {
			hint = "did you mean " + n + "=…?"
		}
	}
	return usage(hint, "%s has no parameter %s, and takes no body", op.ID, it.name)
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
			return usage("write -H 'Name: value'", "%q is no header field", h)
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

// fillFrom takes missing path parameters from the simulator's own data.
func (d *draft) fillFrom(sim *local) {
	var missing []string
	for _, name := range d.missing {
		if v := sim.parameter(d.operation, name); v != "" {
			d.target = strings.ReplaceAll(d.target, "{"+name+"}", v)
		} else {
			missing = append(missing, name)
		}
	}
	d.missing = missing
}

// request completes the draft: host, credentials, method.
func (d *draft) request(base string, c credentials) (*exchange.Request, error) {
	if len(d.missing) > 0 {
		return nil, usage("add "+strings.Join(withBlank(d.missing), " "), "%s needs %s", d.operation.ID, strings.Join(d.missing, " and "))
	}
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

func withBlank(names []string) []string {
	var list []string
	for _, n := range names {
		list = append(list, n+"=…")
	}
	return list
}
