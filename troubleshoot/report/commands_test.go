package report_test

import (
	"math/rand/v2"
	"testing"
)

// grammar builds commands of names, quotes and words like secrets: what people
// paste before they have filled the variables in.
type grammar struct{ choices []byte }

// pick takes one of the words; it takes the first when the choices are used up.
func (g *grammar) pick(words ...string) string {
	if len(g.choices) == 0 {
		return words[0]
	}
	c := int(g.choices[0])
	g.choices = g.choices[1:]
	return words[c%len(words)]
}

func (g *grammar) name() string {
	return g.pick("SECRET", "secret", "TOKEN", "token", "KEY", "key", "SEED", "seed", "API_SECRET", "authorization", "AUTHORIZATION", "password", "PIN",
		"mnemonic", "cvv", "jwt", "firstName", "email", "a", "_", "1", "@", "#", "?", "", "é", "x-api-secret")
}

func (g *grammar) value() string {
	return g.pick("", "", "{", "[", "}", "{}", "[]", `{"a":`, "null", "true", "x", " ", "Bearer", "Bearer ", ":", "…", "0x", "eyJ", "eyJ.", "imm-secret-test-", "..", "\\", "4111", "\t", "$", "%", "123456789012")
}

// variable names a variable as shells, templates and people do.
func (g *grammar) variable() string {
	n := g.name()
	return g.pick("$"+n, "${"+n+"}", "${"+n+":-}", "${"+n+":-"+g.value()+"}", "${"+n+":?}", "${"+n+"[0]}", "${!"+n+"}", "${#"+n+"}", "${"+n+"#x}", "${"+n,
		"$("+n+")", "$(echo $"+n+")", "`echo $"+n+"`", "$(cat "+n+")", "$(("+n+"))", "%"+n+"%", "!"+n+"!", "$env:"+n, "{{"+n+"}}", "{{$"+n+"}}", "{"+n+"}", "<"+n+">", ":"+n, n, "$"+n+"$"+n, "@"+n)
}

func (g *grammar) quoted(s string) string {
	return g.pick(`"`+s+`"`, "'"+s+"'", s, "$'"+s+"'", `"`+s, "'"+s, `\"`+s+`\"`, "^\""+s+"^\"", `""`+s+`""`)
}

func (g *grammar) header() string {
	return g.quoted(g.pick("x-api-secret", "x-api-key", "authorization", "cookie", "x-account-id", "content-type", g.name()) +
		g.pick(": ", ":", " : ", ";", "", "=", ": Bearer ", ": Basic ") + g.pick(g.variable(), g.value(), g.value()+g.variable()))
}

func (g *grammar) body() string {
	return g.quoted(`{"` + g.name() + `":` + g.pick(`"`+g.variable()+`"`, g.variable(), `"`+g.value()+`"`, g.value(), `'"$`+g.name()+`"'`) + "}")
}

func (g *grammar) assignment() string {
	n, v := g.name(), g.quoted(g.value())
	return g.pick("", n+"="+v, "export "+n+"="+v, n+"="+g.variable(), "$"+n+" = "+v, "$env:"+n+" = "+v, "set "+n+"="+v, "read "+n, "@"+n+" = "+v, "set -x "+n+" "+v, "local "+n, n+"+="+v)
}

func (g *grammar) command() string {
	url := g.quoted(g.pick("https://test.immersve.com/api/cards", "http://127.0.0.1/api/cards/"+g.variable(), g.variable()+"/api/cards", "https://"+g.variable()+"@test.immersve.com/", "https://test.immersve.com/api/cards?"+g.name()+"="+g.variable(), ""))
	switch g.pick("curl", "curl", "http", "xh", "wget", "fetch", "powershell", "http-file") {
	case "http", "xh":
		return "http POST " + url + " " + g.header() + " " + g.name() + g.pick("=", ":=", "==", ":") + g.quoted(g.variable())
	case "wget":
		return "wget -S --header=" + g.header() + " --post-data=" + g.body() + " " + url
	case "fetch":
		return "fetch(" + url + ", {method: 'POST', headers: {" + g.quoted(g.name()) + ": " + g.quoted(g.variable()) + "}, body: " + g.body() + "})"
	case "powershell":
		return "Invoke-RestMethod -Uri " + url + " -Headers @{" + g.quoted(g.name()) + " = " + g.quoted(g.variable()) + "} -Body " + g.body()
	case "http-file":
		return "###\nPOST " + url + "\n" + g.header() + "\n\n" + g.body()
	}
	s := g.pick("", "$ ", "> ", "sudo ", "PS> ", "C:\\>") + "curl " + g.pick("", "-i ", "-v ", "-sS ") + url
	for range 1 + len(g.choices)%3 {
		s += g.pick(" ", " \\\n  ", " ^\n  ", " `\n  ") + g.pick("-H ", "--header ", "--header=", "-H") + g.header()
		s += " " + g.pick("", "-d "+g.body(), "-u "+g.quoted(g.name()+":"+g.variable()), "--oauth2-bearer "+g.variable(), "-b "+g.header(), "-F "+g.quoted(g.name()+"="+g.variable()),
			"--data-urlencode "+g.variable(), "--variable "+g.name()+"="+g.value()+" --expand-header "+g.quoted("x-api-secret: {{"+g.name()+"}}"), "--json "+g.body(), "-K "+g.variable(), "-x "+g.variable())
	}
	return s
}

func (g *grammar) text() string {
	s := g.assignment() + "\n" + g.assignment() + "\n" + g.command() + "\n"
	return s + g.pick("", "HTTP/1.1 401 Unauthorized\n\n"+g.variable(), "curl: (6) Could not resolve host: "+g.variable(), g.command()+"\n")
}

// FuzzCommands takes what the grammar builds through every output.
func FuzzCommands(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		choices := make([]byte, 40)
		for i := range choices {
			choices[i] = byte(random.Uint32())
		}
		f.Add(choices)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		text := (&grammar{choices[:min(len(choices), 1000)]}).text()
		for name, out := range outputs(t, []byte(text)) {
			inert(t, name, out)
		}
	})
}
