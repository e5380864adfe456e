package simulator

import (
	"encoding/base64"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
)

// list is the body of a paged list. nextCursor is absent on the last page.
type list[V any] struct {
	Items    []V      `json:"items"`
	PageInfo pageInfo `json:"pageInfo"`
}

type pageInfo struct {
	NextCursor string `json:"nextCursor,omitempty"`
}

// items is the body of a list that is not paged.
type items[V any] struct {
	Items []V `json:"items"`
}

// paged answers with a page of a table's rows that fit, newest first, at most as
// many as the documented maximum of limit.
func paged[T, V any](rq *request, t *table[T], fits func(*T) bool, view func(*T) V) *reply {
	return filtered(rq, t, fits, nil, view)
}

// filtered is paged with a filter that is applied to the page when it is cut: its
// pages may be shorter than the limit and even empty, with more behind them. The
// documentation warns of that on interactions.
func filtered[T, V any](rq *request, t *table[T], fits, shown func(*T) bool, view func(*T) V) *reply {
	before, good := rq.cursor()
	if !good {
		return invalid("cursor", "Not a cursor of this list")
	}
	limit, page, last, taken := rq.limit(), list[V]{Items: []V{}}, uint64(0), 0
	for number, value := range t.newest() {
		if number >= before || !fits(value) {
			continue
		}
		if taken == limit {
			page.PageInfo.NextCursor = rq.cursorBehind(last)
			break
		}
		if shown == nil || shown(value) {
			page.Items = append(page.Items, view(value))
		}
		last, taken = number, taken+1
	}
	return ok(page)
}

// limit returns the page size. What the documentation gives as the maximum is
// not exceeded; whether the API clamps or refuses is not documented.
func (rq *request) limit() int {
	most, size := 100.0, 0.0
	if p := rq.op.Parameter("query", "limit"); p != nil {
		if p.DocumentedMaximum > 0 {
			most = p.DocumentedMaximum
		}
		size = p.DocumentedDefault
	}
	if asked, err := strconv.ParseFloat(rq.query.Get("limit"), 64); err == nil { // checkQuery has judged it
		size = asked
	}
	if size == 0 {
		size = 100
	}
	return int(min(size, most))
}

// cursor returns the row number below which the page begins.
func (rq *request) cursor() (before uint64, good bool) {
	text := rq.query.Get("cursor")
	if text == "" {
		return 1<<64 - 1, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return 0, false
	}
	number, scope, _ := strings.Cut(string(raw), ":")
	before, err = strconv.ParseUint(number, 10, 64)
	return before, err == nil && scope == rq.scope()
}

func (rq *request) cursorBehind(number uint64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatUint(number, 10) + ":" + rq.scope()))
}

// scope ties a cursor to its path and filters.
func (rq *request) scope() string {
	filters := url.Values{}
	for name, values := range rq.query {
		if name != "limit" && name != "cursor" {
			filters[name] = values
		}
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(rq.http.URL.Path + "?" + filters.Encode())) // never fails
	return strconv.FormatUint(uint64(sum.Sum32()), 36)
}
