package simulator

import (
	"io"
	"net"
	"net/http"
	"time"
)

// interfere does to the connection what the order says and returns the status code
// that was sent, 0 for none.
func (d demand) interfere(w http.ResponseWriter, r *http.Request) int {
	switch d.fault {
	case "timeout":
		return holdOn(w, r)
	case "reset":
		return cutConnection(w, true)
	case "truncated":
		return truncate(w)
	}
	return gatewayPage(w)
}

// holdOn keeps silent until the client has enough, or holdTime is over.
func holdOn(w http.ResponseWriter, r *http.Request) int {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody)) // only then does net/http notice a client that leaves
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // readTimeout would end the wait
	timer := time.NewTimer(holdTime)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
	return cutConnection(w, false)
}

// cutConnection closes the connection without an answer: with reset by a TCP
// RST, else by a FIN.
func cutConnection(w http.ResponseWriter, reset bool) int {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return fail(http.StatusNotImplemented, "NOT_IMPLEMENTED", "this connection cannot be cut").write(w)
	}
	if tcp, isTCP := conn.(*net.TCPConn); isTCP && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
	return 0
}

// truncate promises more than it sends; net/http then closes the connection.
func truncate(w http.ResponseWriter) int {
	const half = `{"statusCode":500,"statusName":"Internal Server Error","err`
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "512")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(half))
	return http.StatusInternalServerError
}

// gatewayPage is what a proxy in front of the API says when it gets no answer.
func gatewayPage(w http.ResponseWriter) int {
	const page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n" +
		"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
	w.Header().Set("Server", "simulated-gateway")
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusBadGateway)
	_, _ = w.Write([]byte(page))
	return http.StatusBadGateway
}
