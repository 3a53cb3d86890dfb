package timeline

import (
	"apue/internal/locale"
	"apue/internal/trace"
)

// mostFacts bounds the sentences of one kind: a header can be forged.
const mostFacts = 4

// changes are the sentences of [trace.Header.Changed] that matter only
// where the recording has an event of a kind.
var changes = map[string]trace.Kind{
	trace.ChangedVfork: trace.KindVfork,
	trace.ChangedStop:  trace.KindStop,
}

// Facts are what the header of a recording says about the recording
// itself, in sentences: what was changed on purpose, what tracing changes
// for this program, and what could not be recorded. has reports whether
// the recording has an event of a kind.
func Facts(h *trace.Header, has func(trace.Kind) bool) (sentences []string) {
	add := func(format string, facts []string) {
		for _, f := range facts[:min(len(facts), mostFacts)] {
			sentences = append(sentences, locale.Sprintf(format, oneLine(locale.T(f), 200)))
		}
	}
	var changed []string
	for _, c := range h.Changed {
		if kind, depends := changes[c]; !depends || has(kind) {
			changed = append(changed, c)
		}
	}
	add(locale.Key("Changed on purpose: %s"), h.Tampered)
	add(locale.Key("Changed by recording: %s"), changed)
	add(locale.Key("Not recorded: %s"), h.Missing)
	return sentences
}
