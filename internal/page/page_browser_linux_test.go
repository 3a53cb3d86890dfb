package page

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/sampling"
	"apue/internal/suite"
)

// TestBrowser opens pages as a reader does. Every third page is in the
// sample.
func TestBrowser(t *testing.T) {
	b := startBrowser(t)
	b.view(1280, 720, "light")
	type page struct {
		name string
		s    sample
		read func(*testing.T, *browser)
	}
	for _, tc := range sampling.Every(3, []page{
		{"doublefork", recorded(t, "doublefork-doublefork", doubleFork), readDoubleFork},
		{"crowd", crowd(300, 10_000), readCrowd},
		{"loop", loop(400), readLoop},
		{"hostile", hostile(), readHostile},
		{"questions", recorded(t, "doublefork-doublefork", manyAsked()), readQuestions},
		{"offset", recorded(t, "fork-offset", nil), readOffset},
	}) {
		t.Run(tc.name, func(t *testing.T) {
			b.t = t
			file := write(t, tc.name, tc.s)
			b.open(file)
			tc.read(t, b)
			b.silent(file)
		})
	}
}

// sentence checks that the sentence in large type has these words.
func (b *browser) sentence(words string) {
	b.t.Helper()
	if got := b.text("#sentence"); !strings.Contains(got, words) {
		b.t.Errorf("the sentence is %q, want %q in it", got, words)
	}
}

// stepTo presses the keys in turn until the sentence has these words.
func (b *browser) stepTo(words string, keys ...string) {
	b.t.Helper()
	for i := range 60 {
		b.press(keys[i%len(keys)])
		if strings.Contains(b.text("#sentence"), words) {
			return
		}
	}
	b.t.Errorf("after 60 steps no sentence has %q", words)
}

// readDoubleFork steps through the double fork by keyboard and by the
// keys of a presenter's remote control.
func readDoubleFork(t *testing.T, b *browser) {
	if got := b.text(".ask"); got != "How many processes take part?" {
		t.Errorf("the page opens with the question %q", got)
	}
	if n := eval[int](b, "document.querySelectorAll('#rows li').length"); n != 0 {
		t.Errorf("the page opens with %d steps shown", n)
	}
	b.press("2")
	if got := b.text(".answers .right"); !strings.Contains(got, "three") {
		t.Errorf("after the answer, %q is marked as right", got)
	}
	b.stepTo("The original forks the first child", kb.ArrowRight, " ")
	if got := b.text(".line.now .marks .badge"); got != "A\nB" {
		t.Errorf("after the fork the markers at its line are %q, want A and B", got)
	}
	pid := eval[string](b, "document.querySelector('.title .pid').innerText")
	if n := eval[int](b, "document.querySelectorAll('.title .pid').length"); n != 2 || pid == "" {
		t.Errorf("%d lanes have a pid, the first one %q", n, pid)
	}
	b.stepTo("The first child ends", kb.PageDown, "n")
	if got := b.text("#now .s7"); !strings.Contains(got, "first child") || !strings.Contains(got, "zombie") {
		t.Errorf("after the first child's end the zombies are %q", got)
	}
	for b.text(".ask") == "" {
		b.stepTo("", kb.PageDown)
	}
	if got := b.text(".ask"); !strings.HasPrefix(got, "Who is the parent") {
		t.Errorf("before the adoption the question is %q", got)
	}
	b.press(kb.ArrowDown)
	b.sentence("The second child is adopted by")
	adoption := b.text("#sentence")
	if got := b.text("#moment"); got != doubleFork.Moments[0].Says {
		t.Errorf("the moment is %q", got)
	}
	if n := eval[int](b, "document.querySelectorAll('#rows .now .arrow.adopt').length"); n != 1 {
		t.Errorf("%d arrows of an adoption in its row, want 1", n)
	}
	b.press(kb.PageUp)
	if got := b.text("#sentence"); got == adoption {
		t.Errorf("one step back the sentence is still %q", got)
	}
	b.press(kb.End)
	b.sentence("Every process is gone")
	if got := b.text(".piece"); !strings.Contains(got, "A original, no other child") || !strings.Contains(got, "C second child, parent pid") {
		t.Errorf("the output with its writers is %q", got)
	}
	if got := b.text("#stdout"); got != "standard output is a pipe" {
		t.Errorf("the page says of the output: %q", got)
	}
	b.press(".")
	if !eval[bool](b, "!document.getElementById('blank').hidden") {
		t.Error("the key . did not blank the screen")
	}
	b.press(".", kb.Home, "a")
	if n, later := eval[int](b, "document.querySelectorAll('#rows li').length"), eval[int](b, "document.querySelectorAll('#rows .later').length"); n == 0 || later != n {
		t.Errorf("a shows %d rows, %d of them as what comes", n, later)
	}
	b.press("a")
	b.do(chromedp.Evaluate[chromedp.Void]("location.hash = '#step=1'"))
	b.sentence("The original executes")
}

// manyAsked is the double fork with a second question at the start, and a
// second one before the adoption.
func manyAsked() *lab.Experiment {
	x := *doubleFork
	for _, q := range x.Questions {
		q.Ask = "Once more: " + q.Ask
		x.Questions = append(x.Questions, q)
	}
	return &x
}

// readQuestions answers two questions that are asked at one place, at the
// start and before a step that answers both.
func readQuestions(t *testing.T, b *browser) {
	for range 2 {
		first := b.text(".ask")
		if first == "" || strings.HasPrefix(first, "Once more") {
			t.Fatalf("the first question is %q", first)
		}
		b.press("1")
		if got := eval[string](b, "document.activeElement.textContent"); got != "Next question" {
			t.Fatalf("after an answer %q has the focus", got)
		}
		b.do(chromedp.Evaluate[chromedp.Void]("document.activeElement.click()"))
		if got := b.text(".ask"); got != "Once more: "+first {
			t.Fatalf("the second question is %q", got)
		}
		b.press("2")
		if got := eval[int](b, "document.querySelectorAll('#question .more').length"); got != 0 {
			t.Error("after the last answer there is a next question")
		}
		for range 60 {
			if b.press(kb.ArrowRight); b.text(".ask") != "" {
				break
			}
		}
	}
	for range 60 { // the loop above ends behind the last question
		if b.press(kb.ArrowLeft); b.text(".yours") != "" {
			break
		}
	}
	b.sentence("The second child is adopted by")
	if n := eval[int](b, "document.querySelectorAll('#moment .yours').length"); n != 2 {
		t.Errorf("the step says of %d answers whether they were right, want both", n)
	}
}

// readOffset looks at the descriptors of two processes that share an
// open file description.
func readOffset(t *testing.T, b *browser) {
	b.stepTo("The child writes to offset.txt", kb.ArrowRight)
	label := eval[string](b, "document.querySelector('#diagram svg').getAttribute('aria-label')")
	for _, want := range []string{"parent descriptor 3 refers to offset.txt", "child descriptor 3 refers to offset.txt"} {
		if !strings.Contains(label, want) {
			t.Errorf("the diagram does not show %q: %s", want, label)
		}
	}
	if n := eval[int](b, "[...document.querySelectorAll('#diagram .file')].length"); n != 4 {
		t.Errorf("the diagram has %d files, want 4: the three standard ones and offset.txt", n)
	}
	if got := b.text("#diagram .ofd.hot ~ text"); !strings.Contains(got, "offset 30") {
		t.Errorf("the offset is not shown: %q", got)
	}
}

// readLoop opens and closes the row that stands for 400 forks.
func readLoop(t *testing.T, b *browser) {
	b.press(kb.ArrowRight, kb.ArrowRight)
	b.sentence("400 times the same 4 steps")
	b.press("o")
	b.sentence("The parent forks child 1")
	b.press(kb.ArrowRight)
	b.sentence("Child 1 writes")
	b.press("o")
	b.sentence("400 times the same 4 steps")
}

// readCrowd steps in 10,000 events of 300 processes.
func readCrowd(t *testing.T, b *browser) {
	b.press(kb.End, kb.ArrowLeft)
	if got := b.text("#where"); !strings.HasPrefix(got, "Step 9999 of ") && !strings.Contains(got, " of ") {
		t.Errorf("the page says %q", got)
	}
	if n := eval[int](b, "document.querySelectorAll('#rows li').length"); n == 0 || n > 100 {
		t.Errorf("%d rows are in the page, want those in view", n)
	}
	inView := "(() => { const r = document.querySelector('#rows .now').getBoundingClientRect(), p = document.getElementById('lanes').getBoundingClientRect(); return r.top >= p.top && r.bottom <= p.bottom + 1 })()"
	if !eval[bool](b, inView) {
		t.Error("the current row is not in view")
	}
}

// readHostile steps through a program that tries to be markup.
func readHostile(t *testing.T, b *browser) {
	for range 12 {
		b.press(kb.ArrowRight)
	}
	b.press("?", "?", "d")
	if n := eval[int](b, "document.querySelectorAll('img').length + document.querySelectorAll('script').length"); n != 2 {
		t.Errorf("%d images and scripts in the page, want the data and the script", n)
	}
}

// lookAtSteps goes through all steps of a page, and returns what a reader
// could not see: the sentence, the current row with the lane of its
// process and the current line of the program have to be on the screen
// together, also when an answer to a question is chosen and when it is
// given. No title of a lane may be cut, except that a window less than 300
// high names the whole in its tooltip. No two panes may overlap.
const lookAtSteps = `(() => {
	const box = s => { const e = document.querySelector(s); return e && e.getBoundingClientRect(); };
	const inside = (e, p) => e.top >= p.top - 1 && e.bottom <= p.bottom + 1 && p.bottom <= innerHeight + 1 && p.top >= 0;
	const press = key => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
	const faults = [];
	const fault = what => { if (faults.length < 5) faults.push(document.getElementById("where").textContent + ": " + what); };
	const together = () => {
		const say = box("#say"), sentence = box("#sentence");
		if (sentence.height && !inside(sentence, say)) fault("the sentence is not on the screen");
		const row = box("#rows .now"), lanes = box("#lanes"), names = box("#titles");
		if (row && (!inside(row, lanes) || row.top < names.bottom - 1)) fault("the row is not on the screen");
		const disc = box("#rows .now .disc");
		if (disc && (disc.left < lanes.left || disc.right > lanes.right)) fault("the lane of the process is not on the screen");
		const line = box(".line.now"), text = box("#text");
		if (line && !inside(line, text)) fault("the line of the program is not on the screen");
	};
	const titles = () => {
		for (const e of document.querySelectorAll(".title :is(.role, .pid)")) {
			const lane = e.closest(".title"), cut = e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 2;
			if (e.className === "role" && !lane.title.includes(e.textContent.replaceAll("\u00AD", ""))) fault("the tooltip does not have " + e.textContent);
			if (innerHeight < 300) continue;
			const words = document.createRange();
			words.selectNodeContents(e);
			const w = words.getBoundingClientRect(), place = lane.getBoundingClientRect();
			if (cut || w.left < place.left - 2 || w.right > place.right + 2 || w.top < box("#titles").top - 1) fault("the title is cut: " + e.textContent);
		}
	};
	const asked = () => {
		for (const answer of document.querySelectorAll(".answers button")) {
			answer.focus();
			if (!inside(answer.getBoundingClientRect(), box("#say"))) fault("an answer cannot be brought on the screen");
			together();
		}
		for (let more = true; more;) {
			press("1");
			if (document.querySelector(".answers")) together();
			more = document.querySelector("#question .more");
			if (more) { more.click(); together(); }
		}
	};
	press("Home");
	asked();
	while (!document.getElementById("next").disabled) {
		press("ArrowRight");
		if (document.documentElement.scrollWidth > innerWidth) fault("the page is wider than the window");
		const say = box("#say"), moment = box("#moment");
		if (!box("#sentence").height || !box("#rows .now")) fault("there is no sentence, or no row");
		if (moment.height && !inside(moment, say) && !(innerHeight < 300 && say.height >= 4 * innerHeight / 10)) fault("the moment is not on the screen");
		together();
		titles();
		asked();
		for (const e of document.querySelectorAll(".fold")) {
			const r = e.getBoundingClientRect(), lanes = box("#lanes");
			if (r.left < lanes.left - 1 || r.right > lanes.right + 1) fault("a folded row is not in its pane");
		}
		const panes = ["#head", "#tools", "#say", "#program", "#picture", "#output", "#tables"].map(s => [s, box(s)]).filter(([, r]) => r.height > 1);
		for (const [a, x] of panes) for (const [b, y] of panes)
			if (a < b && x.left < y.right - 1 && y.left < x.right - 1 && x.top < y.bottom - 1 && y.top < x.bottom - 1) fault(a + " overlaps " + b);
	}
	return faults.join("\n");
})()`

// ofSuite is the recording of an experiment that comes with ch8, with the
// roles, moments and questions of that.
func ofSuite(t *testing.T, name string) sample {
	t.Helper()
	found, _ := suite.All.Find(strings.Replace(name, "-", "/", 1))
	if len(found) != 1 {
		t.Fatalf("%d experiments are called %s", len(found), name)
	}
	return recorded(t, name, found[0])
}

// TestNothingOverlaps looks at every step of a page in the sizes of a
// laptop, a phone, a laptop's at 200 % zoom, a projector, and a laptop's
// at 300 % zoom. In the sample are one page in every third size, and one with
// long titles in that of a laptop, and one with folded rows that have no
// place beside the lanes.
func TestNothingOverlaps(t *testing.T) {
	sizes := [][2]int64{{1280, 720}, {390, 844}, {640, 360}, {1920, 1080}, {427, 240}}
	look := func(name string, s sample, sizes ...[2]int64) {
		t.Run(name, func(t *testing.T) {
			b := startBrowser(t)
			b.open(write(t, name, s))
			for _, size := range sizes {
				b.view(size[0], size[1], "light")
				if faults := eval[string](b, lookAtSteps); faults != "" {
					t.Errorf("%d×%d:\n%s", size[0], size[1], faults)
				}
			}
		})
	}
	look("overlap", recorded(t, "doublefork-doublefork", doubleFork), sampling.Every(3, sizes)...)
	look("titles", ofSuite(t, "system-priority"), sizes[0])
	look("folds", ofSuite(t, "setuid-setid"), sizes[4])
	t.Run("scrolled by keys", func(t *testing.T) {
		b := startBrowser(t)
		b.open(write(t, "keys", ofSuite(t, "exit-orphan")))
		b.view(427, 240, "light")
		for b.text("#moment") == "" || b.text(".ask") == "" {
			b.press(kb.ArrowRight)
		}
		step := b.text("#sentence")
		scrolled := "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', shiftKey: true, bubbles: true })), document.getElementById('say').scrollTop"
		if n := eval[float64](b, scrolled); n <= 0 || b.text("#sentence") != step {
			t.Errorf("Shift and ↓ scroll the question by %v, and show: %s", n, b.text("#sentence"))
		}
	})
	if !sampling.All() {
		return
	}
	look("crowd", crowd(40, 300), sizes...)
	files, _ := filepath.Glob("../../ch8/recordings/*.jsonl")
	for i, f := range files { // each in two of the sizes
		name := strings.TrimSuffix(filepath.Base(f), ".jsonl")
		look(name, ofSuite(t, name), sizes[i%len(sizes)], sizes[(i+2)%len(sizes)])
	}
}

// TestAccessible lets axe-core look at pages for what keeps people from
// reading them. It is installed by: npm install --no-save axe-core
func TestAccessible(t *testing.T) {
	axe, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		labtest.Cannot(t, "page/axe", "axe-core is not there", "npm install --no-save axe-core in the suite's folder")
	}
	b := startBrowser(t)
	for name, s := range map[string]sample{"axe-doublefork": recorded(t, "doublefork-doublefork", doubleFork), "axe-crowd": crowd(40, 300)} {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				if !sampling.All() && (name == "axe-crowd" || (scheme == "light") != (width == 1280)) {
					continue
				}
				b.view(width, 800, scheme)
				b.open(write(t, name, s))
				if sampling.All() {
					accessible(t, b, string(axe), fmt.Sprintf("%s, %s, %d wide, at the start", name, scheme, width))
				}
				b.press("a", "1", kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight)
				accessible(t, b, string(axe), fmt.Sprintf("%s, %s, %d wide, in the middle, with all that comes", name, scheme, width))
			}
		}
	}
	accessibleLab(t, b, string(axe))
}

// accessibleLab does the same for the lab, which loads no page of a run
// here.
func accessibleLab(t *testing.T, b *browser, axe string) {
	o := open(t, laboratory(doubleFork))
	b.do(chromedp.Navigate(o.address + "/#token=" + o.token))
	b.until("document.querySelector('#list button') !== null")
	tabs := []string{"program"}
	if sampling.All() {
		tabs = []string{"sheet", "program", "results"}
	}
	for _, tab := range tabs {
		eval[bool](b, "document.querySelector('[data-tab="+tab+"]').click(), true")
		accessible(t, b, axe, "the lab, "+tab)
	}
}

// accessible fails the test for each finding of axe-core. It runs in a
// world of its own, which the page's security policy does not stop.
func accessible(t *testing.T, b *browser, axe, where string) {
	t.Helper()
	eval[bool](b, axe+";true")
	found := eval[string](b, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.any[0] ? n.any[0].message : "")).join(" | "))))`)
	var all []string
	if err := json.Unmarshal([]byte(found), &all); err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		t.Errorf("%s: %s", where, f)
	}
}

// TestPrint prints a page: the questions come first, the answers last,
// and the names of the processes stand on every page. With CH8_PAGES=DIR
// the tests leave their pages there, and this one a PDF.
func TestPrint(t *testing.T) {
	b := startBrowser(t)
	file := write(t, "print", recorded(t, "doublefork-doublefork", doubleFork))
	b.open(file)
	if dir := os.Getenv("CH8_PAGES"); dir != "" {
		pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(dir, "print.pdf"), pdf, 0o644)
	}
	eval[bool](b, "dispatchEvent(new Event('beforeprint'))")
	sheet := eval[string](b, "document.getElementById('sheet').textContent")
	ask, answer := strings.Index(sheet, "How many processes take part?"), strings.LastIndex(sheet, "Two calls of fork")
	steps := strings.Index(sheet, "The original forks the first child")
	if ask < 0 || !(ask < steps && steps < answer) {
		t.Errorf("the question is at %d, the steps at %d, the answer at %d of the sheet", ask, steps, answer)
	}
	if head := eval[string](b, "getComputedStyle(document.querySelector('#sheet')).display + ' ' + document.querySelectorAll('#sheet thead .badge').length"); head != "none 4" {
		t.Errorf("the sheet on the screen and its names: %q", head)
	}
	// Of several processes in one column all are named, and the program of
	// the experiment comes before what it uses.
	b.open(write(t, "print-many", ofSuite(t, "system-priority")))
	eval[bool](b, "dispatchEvent(new Event('beforeprint'))")
	if head := eval[string](b, "document.querySelector('#sheet thead').textContent"); !strings.Contains(head, "nicer child") || !strings.Contains(head, "privileged child") {
		t.Errorf("the head of the table names only: %s", head)
	}
	if all := eval[string](b, "document.querySelector('#sheet .break + p').textContent"); !strings.Contains(all, "nice parent") {
		t.Errorf("the sheet names only the processes %s", all)
	}
	if file := eval[string](b, "document.querySelectorAll('#sheet h2')[1].textContent"); file != "priority.go" {
		t.Errorf("the first program on the sheet is %s, want priority.go", file)
	}

	// Nothing is wider than A4 with its margins: the browser would shrink
	// all of the sheet.
	for name, s := range map[string]sample{"print-wide": crowd(40, 300), "print-words": ofSuite(t, "system-login")} {
		b.open(write(t, name, s))
		b.do(chromedp.EmulateViewport(688, 1000))
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
			t.Fatal(err)
		}
		if wide := eval[int](b, "dispatchEvent(new Event('beforeprint')), document.documentElement.scrollWidth"); wide > 688 {
			t.Errorf("%s: the sheet is %d wide, and the paper 688", name, wide)
		}
	}
}
