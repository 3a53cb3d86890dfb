// Varied is a program with all that makes the line of an instruction hard
// to tell: inlined calls in each other, generics, closures, goroutines,
// deferred calls, methods by interface, and a library that is large.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
)

type pair[K cmp.Ordered, V any] struct {
	Key   K
	Value V
}

// sorted is generic, and has a closure that is generic.
func sorted[K cmp.Ordered, V any](m map[K]V) []pair[K, V] {
	var list []pair[K, V]
	for k, v := range m {
		list = append(list, pair[K, V]{k, v})
	}
	slices.SortFunc(list, func(a, b pair[K, V]) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// small and tiny are inlined in each other.
func small(x int) int { return tiny(x) + 1 }

func tiny(x int) int { return x * 2 }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

type shape interface{ area() int }

type square int

func (s square) area() int { return int(s * s) }

type named struct {
	shape
	name string
}

func main() {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("recovered:", r)
		}
	}()
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			fmt.Println(small(i), small(small(i)))
		}()
	}
	wg.Wait()
	b, err := json.Marshal(sorted(map[string]int{"a": 1}))
	must(err)
	os.Stdout.Write(b)
	words := strings.Fields("c b a")
	sort.Strings(words)
	for _, s := range []shape{square(2), named{square(3), "three"}} {
		fmt.Println(s.area(), words, sorted(map[int]string{1: "x"}))
	}
	must(fmt.Errorf("the end"))
}
