// Package page shows a recording in a browser, and is the lab there.
//
// [Write] makes one HTML file of a recording. It loads nothing: its
// security policy admits exactly the style and the script that stand
// in it, and every text of the recording reaches the page as data that
// the script writes as text. The page opens before the first step, with
// a question, and shows one step at a time:
//
//   - one sentence in large type: what happened, by roles; below it the
//     moment, if the experiment has one there, and the book's section;
//   - the program's text, with a marker for each process at the line of
//     its last event: after a fork there are two markers in one text;
//   - the lanes: a column for each process with its states, arrows for
//     fork, adoption, signals and reaping;
//   - the output so far, each piece with the process that wrote it, and
//     what the standard output is;
//   - the descriptors as in Figure 8.2: the tables of the processes, the
//     open file descriptions, the files.
//
// Steps that carry nothing for the reader (a search in PATH, what a
// language's runtime does before main) and repetitions of a loop are
// one row, which opens. A printed page is a worksheet: the questions
// first, the answers last.
//
// The keys are on the page under "?". The address #step=N names a step.
//
// [Serve] is the lab: the experiments, an editor, and the page of each
// run, on a loopback address. [Serve] says what it protects
// against, and how.
package page
