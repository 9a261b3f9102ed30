//go:build e2e

package e2e

import (
	"slices"
	"testing"
)

// TestEvents opens an EventSource. The upstream sends the second event only
// when the page, having received the first, asks for it.
func TestEvents(t *testing.T) {
	t.Parallel()
	proxy := startProxy(t, startUpstream(t), "--response-headers", "fill")
	p := openPage(t)
	got := evaluate[[]string](p, `(url => new Promise((resolve, reject) => {
		const events = [];
		const source = new EventSource(url);
		source.onerror = () => reject(new Error('the stream broke after ' + JSON.stringify(events)));
		source.onmessage = event => {
			events.push(event.data);
			if (event.data === 'three') {
				source.close();
				resolve(events);
				return;
			}
			const data = {one: 'two', two: 'three'}[event.data];
			fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({data})}).catch(reject);
		};
	}))`+arguments(t, proxy.url+"/events"))
	if want := []string{"one", "two", "three"}; !slices.Equal(got, want) {
		t.Errorf("the page received %q, want %q", got, want)
	}
}

// TestWebSocket speaks over a WebSocket, which CORS does not cover.
func TestWebSocket(t *testing.T) {
	t.Parallel()
	upstream := startUpstream(t)
	proxy := startProxy(t, upstream)
	const script = `(url => new Promise((resolve, reject) => {
		const said = [];
		const socket = new WebSocket(url);
		socket.binaryType = 'arraybuffer';
		const messages = ['text: grün', new Uint8Array([0, 1, 254, 255]), 'x'.repeat(200000), 'close'];
		socket.onmessage = ({data}) => {
			said.push(typeof data === 'string' ? (data.length > 100 ? data.length + ' characters' : data) : 'bytes ' + new Uint8Array(data));
			socket.send(messages.shift());
		};
		socket.onclose = event => resolve([...said, 'closed ' + event.code + ' ' + event.reason + (event.wasClean ? '' : ', uncleanly')]);
		socket.onerror = () => reject(new Error('the connection failed after ' + JSON.stringify(said)));
	}))`
	p := openPage(t)
	want := []string{"hello " + p.origin, "text: grün", "bytes 0,1,254,255", "200000 characters", "closed 4001 as asked"}
	for _, through := range []struct{ name, address string }{{"direct", upstream}, {"through corsproxy", proxy.address}} {
		if got := evaluate[[]string](p, script+arguments(t, "ws://"+through.address+"/ws")); !slices.Equal(got, want) {
			t.Errorf("%s: the page saw %q, want %q", through.name, got, want)
		}
	}
}
