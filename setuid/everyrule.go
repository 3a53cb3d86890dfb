//go:build linux

package main

import "fmt"

// everyRule makes every call from every start with every argument,
// and prints a line for each: call, start, arguments, and the
// result as numbers. It takes some seconds.
func everyRule() {
	ids := []int{root, idA, idB, idC}
	values := []int{root, idA, idB, idC, idC + 1, keep}
	arity := map[string]int{"setuid": 1, "seteuid": 1,
		"setreuid": 2, "setresuid": 3}
	for _, call := range []string{"setuid", "seteuid", "setreuid",
		"setresuid"} {
		for _, args := range product(values, arity[call]) {
			for _, from := range product(ids, 3) {
				rule{[3]int(from), call, args}.print()
			}
		}
	}
}

// print makes the call in a child, which prints the line.
func (r rule) print() {
	child(func() {
		r.start()
		errno := "0"
		if err := r.make(); err != nil {
			errno = result(err)
		}
		fmt.Println(r.call, r.from, r.args, uids(), errno)
	})
}

// product are all lists of n values.
func product(values []int, n int) (all [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, rest := range product(values, n-1) {
		for _, v := range values {
			all = append(all, append(append([]int{}, rest...), v))
		}
	}
	return all
}
