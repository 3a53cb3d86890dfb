package labtest

import (
	"reflect"
	"testing"

	"apue/internal/trace"
)

// TestCopyEvent: a doctor that changes its copy of an event changes
// nothing that another test sees. Every slice, map and pointer of an event
// is looked at, those of later versions too.
func TestCopyEvent(t *testing.T) {
	var e trace.Event
	fill(reflect.ValueOf(&e).Elem())
	c := e
	copyEvent(&c)
	if !reflect.DeepEqual(e, c) {
		t.Fatal("the copy is not equal to the event")
	}
	shared(t, "Event", reflect.ValueOf(e), reflect.ValueOf(c))
}

// fill makes one element of each slice and map, and a value behind each
// pointer.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem())
	}
}

// shared reports what two values have in common.
func shared(t *testing.T, name string, a, b reflect.Value) {
	t.Helper()
	switch a.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if a.Pointer() == b.Pointer() {
			t.Errorf("the copy shares %s with the event", name)
			return
		}
	}
	switch a.Kind() {
	case reflect.Pointer:
		shared(t, name, a.Elem(), b.Elem())
	case reflect.Slice:
		shared(t, name+"[0]", a.Index(0), b.Index(0))
	case reflect.Struct:
		for i := range a.NumField() {
			if f := a.Type().Field(i); f.IsExported() {
				shared(t, name+"."+f.Name, a.Field(i), b.Field(i))
			}
		}
	}
}
