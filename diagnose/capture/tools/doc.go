// Package tools has the formats of what HTTP clients, servers and loggers print, one
// file of data per tool.
//
// # Adding a tool
//
// 1. Create NAME.tool in this folder. The first line is a comment that says whose
// output it is. Then "shows headers" if the tool prints every header of a request once it
// prints one, "kind" and the kind of capture (client-error for errors, client-log
// for what a client logs, log for a server's), and, if there is one, "docs" and a URL.
//
// 2. Write one line per line that the tool prints: a role, blanks, and the pattern.
// The line's text is written down as it is, with a {token} for each part that varies. Roles
// that begin something, each with a literal of three bytes or a {method} in front:
//
//	request    the client is about to send a request
//	response   its response; the two are paired by {id}, thread, method and URL
//	exchange   a request and its response in one line
//	failure    no response: failure(timeout/wait) names the kind and the phase, and
//	           {failure} is looked up in the failures that all files name
//	end        the end of a message; end(omitted) if its body isn't shown
//	skip       a line that repeats what another line says
//
// Roles that are looked for only after one of those:
//
//	more       more about the message: a URL, a status; more(request), more(response)
//	field      a header, {name}: {value}
//	body       after this line comes the body, or {body} is the body
//	member     PATH PATTERN: a value in a printed object, such as response.status
//	maybe      the same for a name that often means something else
//
// A document, such as an export, has no lines. Instead it has:
//
//	document   a text that occurs in every such document
//	item       paths that an object has that is an exchange
//	headers    PATH NAME VALUE: a list of headers; headers(request) of the request
//	bearer     the path of a token
//	member     as above, from the object
//
// {?…} may be missing, two blanks are one or more, {method=GET} is a value that the
// words imply, {{ and }} are braces. pattern.Token lists the tokens. If two tools match
// at the same place, the one named in the other's "after" goes first.
//
// 3. Add samples. After "--- sample" comes what the tool prints, after "--- reads" what
// has to be read from it, one exchange per line: the method, the URL, the status or the
// kind of failure (- for what isn't shown), then the duration and "at" with the time if
// there are any. Lines that begin with > and < are headers, >> and << bodies. A sample
// without expectations must not be read as an exchange.
//
// 4. Run go test ./diagnose/capture/... It reads the samples, refuses a tool without
// any, and shows where two tools match the same text.
package tools
