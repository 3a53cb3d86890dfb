// Browser makes dist/browser/: the lab of ch8 serve for any static web
// server, with the machine that runs the programs inside the page.
//
//	make browser
//	go run ./internal/browser -o dist/browser
//
// The machine is an emulated PC (npm's package v86) with Debian's own
// kernel and packages for i386. They are fetched by the package managers,
// by name, and none of them is kept in this tree: apt checks Debian's
// signatures with the sources and keys of this machine. Its root file
// system is made here: busybox, a small C compiler with its headers, and
// guest, which is the part of ch8 that runs and checks a program.
//
// The machine is started once, in node, and its state is saved when the
// guest waits for the first request. The page begins with this state.
package main
