// Package timeline draws a recording: processes over time.
//
// [New] turns the events of a [trace.Recording] into a [Model],
// and the model is drawn two ways: [Model.Text] for a terminal and
// [Model.SVG] for a document. Package page steps through the same
// model in a browser.
//
// Each process is a lane, each event a row, and time runs down
// the page. A lane is drawn in one style for each [State]:
// running, blocked in wait, suspended by vfork, stopped, zombie
// (hatched), and not at all once it is gone. Arrows go from the
// process that acts to the one that it acts on: parent to child,
// sender to receiver, reaper to reaped, old parent to new parent. Beside
// each row stands a sentence, what proves it, and the line of
// source that made the call.
//
// Rows are events, not milliseconds: the distance between two
// rows means nothing unless [Time] is asked for. The order of
// events of different processes is the one that was seen while
// the program was traced. Where nothing forces an order (who
// runs first after a fork) it means nothing, and every picture
// says so.
//
// A lane has the role of its process as its title, or else the
// program that it executed or its place in the family. A process
// that is not part of the recording, such as the one that adopts
// orphans or sends a signal from elsewhere, has a lane named
// "outside".
//
// Text that comes from a traced program (its name, its arguments,
// what it wrote) is shown with control characters, direction
// marks and invalid bytes spelled out, and is never markup.
//
// [Histogram] and [LineChart] draw the two charts that the suite
// needs beside the timeline. They are here, and not a plotting
// library's, because they share the picture's colours for light
// and dark, must come out the same byte for byte on every
// machine, and have a terminal form.
package timeline
