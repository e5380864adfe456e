package check

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"strings"

	"immersve-doctor/diagnose/exchange"
	"immersve-doctor/diagnose/finding"
)

const (
	contentTypeField = "content-type"
	formMedia        = "application/x-www-form-urlencoded"
	multipartMedia   = "multipart/form-data"
	jsonMedia        = "application/json"
)

// requestMedia returns the media type of the request's content, in lower case
// and without parameters, and the parameters (RFC 9110 section 8.3).
func requestMedia(in *Input) (media, parameters string) {
	media, parameters, _ = strings.Cut(in.Request().Header.Text(contentTypeField), ";")
	return strings.ToLower(strings.TrimSpace(media)), parameters
}

// mediaParameter returns a parameter of a media type, its quotes taken off.
func mediaParameter(parameters, name string) string {
	for p := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

func isJSONMedia(media string) bool {
	return media == jsonMedia || strings.HasSuffix(media, "+json") || media == "text/json"
}

// contentTypeFindings judges how the content is labelled. Only if all headers show
// can one be missing.
func contentTypeFindings(in *Input) []Finding {
	documented := takesBody(in)
	request := in.Request()
	media, parameters := requestMedia(in)
	if documented == nil || media == "" && !request.ShowsFields() || contentState(request) != exchange.BodyPresent {
		return nil
	}
	f := Finding{
		ID: finding.ContentTypeMismatch, Severity: Error, Location: Location{Part: RequestHeader, Name: contentTypeField},
		Fix: "Send Content-Type: " + documented.ContentType + ".", Docs: in.Operation.Docs,
	}
	if documented.ContentType == jsonMedia {
		f.Repairs = []Repair{{Kind: RepairHeader, Name: contentTypeField, Value: jsonMedia}}
	}
	switch {
	case media == "":
		return []Finding{missingContentType(in, f)}
	case documented.ContentType == multipartMedia:
		return multipartLabel(f, request, media, parameters)
	case media == "text/json":
		if in.Class != MalformedRequest {
			f.Severity = Warning // many servers accept it
		}
		return []Finding{mislabelled(f, request, media)}
	case isJSONMedia(media):
		return charsetFindings(f, parameters)
	}
	return []Finding{mislabelled(f, request, media)}
}

// contentState says whether the request has content: the capture shows it, or its
// header section tells the length (RFC 9110 section 8.6).
func contentState(request *exchange.Request) exchange.BodyState {
	if state := request.Body.State(); state != exchange.BodyNotCaptured || !request.ShowsFields() {
		return state
	}
	switch length := strings.TrimSpace(request.Header.Text("content-length")); {
	case length == "0":
		return exchange.BodyAbsent
	case isDigits(length):
		return exchange.BodyPresent
	}
	return exchange.BodyNotCaptured
}

func missingContentType(in *Input, f Finding) Finding {
	f.ID = finding.ContentTypeMissing
	f.Title = "content-type is missing"
	f.Evidence = "the docs require " + takesBody(in).ContentType
	if in.Exchange.Source.Kind == exchange.KindCurlCommand {
		f.ID = finding.ContentTypeMismatch
		f.Title = "curl sent the body as a form, because no -H sets content-type"
		f.Evidence = "curl's -d sends " + formMedia + " by default; the docs require " + takesBody(in).ContentType
	}
	return f
}

// mislabelled says what was sent in place of JSON. A body that really is a form
// is the JSON check's finding: relabelling it would not help.
func mislabelled(f Finding, request *exchange.Request, media string) Finding {
	f.Title = fmt.Sprintf("content-type is %.60q instead of application/json", exchange.MaskText(media))
	f.Evidence = fmt.Sprintf("content-type: %.80q", exchange.MaskText(request.Header.Text(contentTypeField)))
	text := bytes.TrimSpace(request.Body.Bytes())
	if len(text) == 0 {
		if media == formMedia {
			f.Evidence += ", which curl's -d sends by default"
		}
		return f
	}
	isJSON := text[0] == '{' || text[0] == '['
	switch {
	case media == formMedia && isJSON:
		f.Title = "the body is JSON, but content-type says it's a form"
		f.Evidence += ", which curl's -d sends by default"
		f.Fix = "Add -H 'Content-Type: application/json'."
	case media == multipartMedia:
		f.Title = "the body is a multipart form instead of application/json"
		f.Repairs = nil
	case media == formMedia:
		f.Severity = Warning
		f.Repairs = nil
	case isJSON:
		f.Evidence += "; the body itself is JSON"
	}
	return f
}

// charsetFindings looks at the label of a JSON body: RFC 8259 section 8.1 wants
// UTF-8.
func charsetFindings(f Finding, parameters string) []Finding {
	charset := strings.ToLower(mediaParameter(parameters, "charset"))
	switch charset {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return nil
	}
	f.Severity = Warning
	f.Title = fmt.Sprintf("the body's charset is %.30q", exchange.MaskText(charset))
	f.Evidence = "JSON travels in UTF-8 (RFC 8259)"
	return []Finding{f}
}

// multipartLabel judges the label of an upload.
func multipartLabel(f Finding, request *exchange.Request, media, parameters string) []Finding {
	sent := fmt.Sprintf("content-type: %.80q", exchange.MaskText(request.Header.Text(contentTypeField)))
	if media != multipartMedia {
		f.Title = fmt.Sprintf("the upload's content-type is %.60q instead of multipart/form-data", exchange.MaskText(media))
		f.Evidence = sent
		f.Fix = "Send a multipart form, with curl's -F or your client's form type."
		return []Finding{f}
	}
	boundary := mediaParameter(parameters, "boundary")
	found := bodyBoundary(request.Body.Bytes())
	switch {
	case boundary == "":
		f.Title = "multipart/form-data has no boundary"
		f.Evidence = sent + "; without a boundary, the API can't separate the parts"
		f.Fix = "Don't set content-type for an upload. Your client sets it, with the boundary."
	case found != "" && found != boundary:
		f.Title = "content-type and body have different boundaries"
		f.Evidence = fmt.Sprintf("%s; the body starts with --%.60q", sent, exchange.MaskText(found))
		f.Fix = "Don't set content-type for an upload. Your client sets it, with the right boundary."
	default:
		return nil
	}
	if found != "" {
		f.Repairs = []Repair{{Kind: RepairHeader, Name: contentTypeField, Value: multipartMedia + "; boundary=" + found}}
	}
	return []Finding{f}
}

// bodyBoundary returns the boundary that a multipart body itself shows, "" for
// another body.
func bodyBoundary(text []byte) string {
	line, _, ok := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimRight(line, "\r ")
	if !ok || !bytes.HasPrefix(line, []byte("--")) || len(line) < 3 || len(line) > 72 {
		return ""
	}
	return string(line[2:])
}

// part is what is known of one part of a multipart form.
type formPart struct {
	name, fileName, media, value string
}

// maxUpload is the documented limit of an upload.
const maxUpload = 10 << 20

// multipartFindings judges the parts of upload-file.
func multipartFindings(in *Input) []Finding {
	body := in.Request().Body
	boundary := bodyBoundary(body.Bytes())
	if body.Truncated {
		return nil
	}
	if boundary == "" {
		return notMultipart(in)
	}
	parts, ok := readParts(body.Bytes(), boundary)
	if !ok {
		return nil // a body that a capture re-encoded; its parts cannot be told
	}
	list := partFindings(in, parts)
	if size := max(int64(len(body.Bytes())), body.Size); size > maxUpload+1<<16 {
		list = append(list, partFinding(in, finding.BodyInvalidValue, Warning, "file", "the upload is larger than 10 MB",
			fmt.Sprintf("it has %d bytes; the docs allow 10 MB", size)))
	}
	return list
}

func notMultipart(in *Input) []Finding {
	text := bytes.TrimSpace(in.Request().Body.Bytes())
	if len(text) == 0 || text[0] != '{' && !looksLikeForm(text) {
		return nil // a capture may show the file alone
	}
	if media, _ := requestMedia(in); media != "" && media != multipartMedia {
		return nil // the content type says it already
	}
	f := partFinding(in, finding.ContentTypeMismatch, Error, "", "the upload's body isn't a multipart form",
		"expected multipart/form-data with purpose, accountId and file")
	f.Fix = "Send a multipart form, with curl's -F or your client's form type."
	return []Finding{f}
}

func readParts(text []byte, boundary string) ([]formPart, bool) {
	reader := multipart.NewReader(bytes.NewReader(text), boundary)
	var parts []formPart
	for range 50 {
		p, err := reader.NextRawPart()
		if err == io.EOF {
			return parts, true
		}
		if err != nil {
			return nil, false
		}
		value, _ := io.ReadAll(io.LimitReader(p, 1000))
		parts = append(parts, formPart{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(value)})
	}
	return parts, true
}

func partFinding(in *Input, id string, severity Severity, name, title, evidence string) Finding {
	return Finding{
		ID: id, Severity: severity, Title: title, Evidence: evidence,
		Location: Location{Part: RequestBody, Name: name}, Docs: in.Operation.Docs,
	}
}

func partFindings(in *Input, parts []formPart) []Finding {
	var list []Finding
	seen := map[string]int{}
	var names []string
	for i, p := range parts {
		seen[p.name] = i + 1
		names = append(names, p.name)
	}
	for _, name := range []string{"purpose", "accountId", "file"} {
		if seen[name] == 0 {
			f := partFinding(in, finding.BodyMissingField, Error, name, "the form doesn't have the part "+name,
				fmt.Sprintf("parts sent: %.100q; the docs require purpose, accountId and file", exchange.MaskText(strings.Join(names, ", "))))
			f.Fix = fmt.Sprintf("Add the part %s to the form.", name)
			list = append(list, f)
		}
	}
	for i, p := range parts {
		list = append(list, onePart(in, p, i+1 == len(parts))...)
	}
	return list
}

func onePart(in *Input, p formPart, last bool) []Finding {
	switch {
	case p.name == "file" && !last:
		return []Finding{partFinding(in, finding.BodyInvalidValue, Warning, "file", "file isn't the last part of the form",
			"the docs say it follows purpose and accountId")}
	case p.name == "file" && (p.media == "" || p.media == "application/octet-stream"):
		return []Finding{partFinding(in, finding.BodyInvalidValue, Warning, "file", "the file's part doesn't have a specific content-type",
			fmt.Sprintf("its content-type is %.40q; the API checks the type, but the docs don't list the accepted ones", exchange.MaskText(p.media)))}
	case p.name == "file":
		return nil
	case strings.TrimSpace(p.value) == "":
		if p.name == "purpose" || p.name == "accountId" {
			return []Finding{partFinding(in, finding.BodyPlaceholder, Error, p.name, p.name+" is empty in the form", "the part is empty")}
		}
	case placeholder(p.value) != "":
		return []Finding{partFinding(in, finding.BodyPlaceholder, Error, p.name, p.name+" is "+placeholder(p.value), fmt.Sprintf("the part is %.60q", exchange.MaskText(p.value)))}
	case p.name == "purpose" && p.value != "kyc-doc-upload":
		return []Finding{partFinding(in, finding.BodyInvalidValue, Error, "purpose", "purpose isn't the documented value",
			fmt.Sprintf("the part is %.60q; the documented value is \"kyc-doc-upload\"", exchange.MaskText(p.value)))}
	case p.name != "purpose" && p.name != "accountId":
		f := partFinding(in, finding.BodyUnknownField, Warning, p.name, fmt.Sprintf("the form has an undocumented part %.40q", exchange.MaskText(p.name)), "documented: purpose, accountId, file")
		return []Finding{f}
	}
	return nil
}
