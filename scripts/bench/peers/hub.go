// A hub on net/http as it is commonly written: a goroutine and a buffered channel for each subscriber.
// hub PORT   GET /sub/TOPIC follows a topic, POST /pub/TOPIC sends its body to those who do.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

type hub struct {
	lock   sync.RWMutex
	topics map[string]map[chan []byte]struct{}
}

func (h *hub) subscribe(topic string) chan []byte {
	events := make(chan []byte, 64)
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.topics[topic] == nil {
		h.topics[topic] = map[chan []byte]struct{}{}
	}
	h.topics[topic][events] = struct{}{}
	return events
}

func (h *hub) unsubscribe(topic string, events chan []byte) {
	h.lock.Lock()
	defer h.lock.Unlock()
	delete(h.topics[topic], events)
}

func (h *hub) publish(topic string, event []byte) {
	h.lock.RLock()
	defer h.lock.RUnlock()
	for events := range h.topics[topic] {
		select {
		case events <- event:
		default: // Who is that far behind misses it.
		}
	}
}

func (h *hub) serveSubscriber(w http.ResponseWriter, r *http.Request) {
	flusher := w.(http.Flusher)
	topic := strings.TrimPrefix(r.URL.Path, "/sub/")
	events := h.subscribe(topic)
	defer h.unsubscribe(topic, events)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	flusher.Flush()
	for number := 1; ; number++ {
		select {
		case event := <-events:
			if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", number, event); err != nil {
				return
			}
			flusher.Flush()
		case <-r.Context().Done():
			return
		}
	}
}

func (h *hub) servePublisher(w http.ResponseWriter, r *http.Request) {
	event, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.publish(strings.TrimPrefix(r.URL.Path, "/pub/"), event)
	w.WriteHeader(http.StatusAccepted)
}

func main() {
	h := &hub{topics: map[string]map[chan []byte]struct{}{}}
	http.HandleFunc("/sub/", h.serveSubscriber)
	http.HandleFunc("/pub/", h.servePublisher)
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
