package report

import (
	"bytes"
	"reflect"
)

// Columns lets the tests measure lines as the writers do.
var Columns = columns

// Link is what a page may refer to.
var Link = link

// DocumentOf is the page of scan --html with the same text in every place that
// holds one: what the template makes of texts that nobody has looked at before.
func DocumentOf(text string) string {
	var p scanPage
	fill(reflect.ValueOf(&p).Elem(), text)
	var b bytes.Buffer
	writescanDocument(&b, &p)
	return b.String()
}

// fill sets everything that is exported: texts to a text, one element in each list.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				fill(field, text)
			}
		}
	}
}
