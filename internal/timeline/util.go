package timeline

import (
	"sort"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

// sortBy sorts by a key, equal ones keep their order.
func sortBy(s []int, key func(int) int) {
	sort.SliceStable(s, func(i, j int) bool { return key(s[i]) < key(s[j]) })
}
