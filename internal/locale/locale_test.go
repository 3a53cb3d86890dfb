package locale_test

import (
	"testing"

	"apue/internal/locale"
	"apue/internal/locale/po"

	"github.com/google/go-cmp/cmp"
)

// TestFromEnvironment follows the order of POSIX.
func TestFromEnvironment(t *testing.T) {
	for _, c := range []struct {
		all, messages, lang, want string
	}{
		{"", "", "", "en"},
		{"", "", "zh_CN.UTF-8", "zh"},
		{"", "", "zh_TW.utf8", "zh"},
		{"", "", "zh", "zh"},
		{"", "en_US.UTF-8", "zh_CN.UTF-8", "en"},
		{"", "zh_CN.UTF-8", "de_DE.UTF-8", "zh"},
		{"C", "zh_CN.UTF-8", "zh_CN.UTF-8", "en"},
		{"zh_CN.UTF-8@x", "C", "C", "zh"},
		{"", "", "zh_CN.GB18030", "en"},
		{"", "", "zhx_XX.UTF-8", "en"},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_MESSAGES": c.messages, "LANG": c.lang}
		if got := locale.FromEnvironment(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%v: %s, want %s", env, got, c.want)
		}
	}
}

// TestSprintf: English is as fmt writes it. In Chinese a blank beside a
// value stands only where one side of it is not Chinese.
func TestSprintf(t *testing.T) {
	defer locale.Set("en")
	for _, c := range []struct {
		format      string
		values      []any
		english, zh string
	}{
		{"%s executes %s", []any{"wc", "ls"}, "wc executes ls", "wc 执行 ls"},
		{"%s executes %s", []any{"父进程", "ls"}, "父进程 executes ls", "父进程执行 ls"},
		{"%s %s", []any{"父进程", "运行"}, "父进程 运行", "父进程运行"},
		{"no such text: %d", []any{7}, "no such text: 7", "no such text: 7"},
		{"%s (%s)", []any{"你 好", "x y"}, "你 好 (x y)", "你 好（x y）"},
	} {
		locale.Set("en")
		if got := locale.Sprintf(c.format, c.values...); got != c.english {
			t.Errorf("in English %q, want %q", got, c.english)
		}
		if err := locale.Set("zh"); err != nil {
			t.Fatal(err)
		}
		if got := locale.Sprintf(c.format, c.values...); got != c.zh {
			t.Errorf("in Chinese %q, want %q", got, c.zh)
		}
	}
	if err := locale.Set("fr"); err == nil {
		t.Error("there is a language fr")
	}
}

// TestPO: what Format writes Parse reads, and a mistake names its line.
func TestPO(t *testing.T) {
	want := []po.Entry{
		{Str: "Language: zh_CN\n"},
		{Place: "a title", ID: "one \"line\" \\", Str: "一行"},
		{Place: "a task", ID: "two\nlines\n", Str: "两\n行", Fuzzy: true, Old: "two\nother lines"},
		{Place: "a.go", ID: "nothing yet"},
	}
	got, err := po.Parse(format(want))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("it comes back otherwise:\n%s", d)
	}
	if _, err := po.Parse("msgid \"a\nmsgstr \"b\"\n"); err == nil || err.Error() != `line 1: "a is not a string in quotes` {
		t.Errorf("an open quote: %v", err)
	}
}
