package page

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// Asker returns the function that answers the requests of one page which
// need a machine, "/api/run" and "/api/check": for a machine that nobody
// but this page can reach. It takes the path and the body, in JSON, and
// returns a value for JSON.
func (l *Lab) Asker(ctx context.Context) func(path string, body []byte) (map[string]any, error) {
	s := l.server(ctx)
	return func(path string, body []byte) (map[string]any, error) {
		var in request
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil {
			return nil, fmt.Errorf("the request cannot be read: %w", err)
		}
		switch path {
		case "/api/run":
			return s.inTurn(ctx, &in, s.run)
		case "/api/check":
			return s.inTurn(ctx, &in, s.check)
		}
		return nil, fmt.Errorf("the machine does not answer %s", path)
	}
}
