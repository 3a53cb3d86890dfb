//go:build linux

package main

import (
	_ "embed"

	"apue/ch8/proc"
)

// Login asks who is logged in (§8.15).
//
// The book: getlogin returns the login name, which is not always
// what the password file says of the user id: one id can have
// several names. It fails in a process that belongs to no login, a
// daemon. The environment's LOGNAME can be changed by the user, so
// it proves nothing.
//
// Linux today: glibc asks the kernel's loginuid first, a number in
// /proc/self/loginuid which the program that logs a user in writes
// there. A process outside of a login has 4294967295, and getlogin
// fails with ENXIO. Any process without privilege can set an unset
// loginuid, once: getlogin then says "root" to a process that wrote
// 0. Its word is as good as the program that wrote the number. The
// kernel keeps no name: of two names with one id, glibc's getlogin
// gives the first, whichever of them logged in.
//
// getlogin is a function of the C library, so this experiment is
// the C program, c/login.c.
//
// To see it:
//
//	go run ./system login

//go:embed c/login.c
var loginC []byte

func login() { proc.RunC("login", loginC) }
