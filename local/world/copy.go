package world

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Become makes the world a copy of another one, as Restore would of its snapshot, in a fraction of the time. Its services
// must have been added before, and be new. The other world is only read.
func (w *World) Become(other *World) error {
	c := copier{plain: map[reflect.Type]bool{}}
	for name, service := range other.services {
		mine, ok := w.services[name]
		if !ok {
			return fmt.Errorf("copy the world: it has a service %s that this one has not", name)
		}
		c.copy(reflect.ValueOf(mine.State()).Elem(), reflect.ValueOf(service.State()).Elem())
	}
	w.Place, w.now, w.seed, w.drawn = other.Place, other.now, other.seed, other.drawn
	w.agenda = agenda{added: other.agenda.added}
	c.copy(reflect.ValueOf(&w.agenda.items).Elem(), reflect.ValueOf(other.agenda.items))
	return nil
}

// copier copies values that can be written down as JSON: what JSON leaves out, it leaves as it is, and what a pointer, a
// slice or a map leads to, it copies.
type copier struct {
	plain map[reflect.Type]bool
}

func (c copier) copy(to, from reflect.Value) {
	if to.CanSet() && c.isPlain(from.Type()) { // what is embedded by an unexported name cannot be set as a whole
		to.Set(from)
		return
	}
	switch from.Kind() {
	case reflect.Struct:
		for i := range from.NumField() {
			if written(from.Type().Field(i)) {
				c.copy(to.Field(i), from.Field(i))
			}
		}
	case reflect.Array:
		for i := range from.Len() {
			c.copy(to.Index(i), from.Index(i))
		}
	default:
		c.copyReference(to, from)
	}
}

// copyReference copies what leads to something else.
func (c copier) copyReference(to, from reflect.Value) {
	if from.IsNil() {
		to.SetZero()
		return
	}
	switch from.Kind() {
	case reflect.Pointer:
		to.Set(reflect.New(from.Type().Elem()))
		c.copy(to.Elem(), from.Elem())
	case reflect.Interface:
		made := reflect.New(from.Elem().Type()).Elem()
		c.copy(made, from.Elem())
		to.Set(made)
	case reflect.Slice:
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		c.copyElements(to, from)
	case reflect.Map:
		to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
		c.copyMembers(to, from)
	default:
		panic("world: a " + from.Type().String() + " cannot be written down")
	}
}

func (c copier) copyElements(to, from reflect.Value) {
	if c.isPlain(from.Type().Elem()) {
		reflect.Copy(to, from)
		return
	}
	for i := range from.Len() {
		c.copy(to.Index(i), from.Index(i))
	}
}

// copyMembers copies a map's members; its keys are plain, as JSON wants them.
func (c copier) copyMembers(to, from reflect.Value) {
	plain := c.isPlain(from.Type().Elem())
	for members := from.MapRange(); members.Next(); {
		value := members.Value()
		if !plain {
			made := reflect.New(value.Type()).Elem()
			c.copy(made, value)
			value = made
		}
		to.SetMapIndex(members.Key(), value)
	}
}

// isPlain reports whether an assignment copies a value of the type, whole and nothing more than JSON would.
func (c copier) isPlain(t reflect.Type) bool {
	known, ok := c.plain[t]
	if !ok {
		known = c.findPlain(t)
		c.plain[t] = known
	}
	return known
}

func (c copier) findPlain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return true
		}
		for field := range t.Fields() {
			if !field.IsExported() || !written(field) || !c.isPlain(field.Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return c.isPlain(t.Elem())
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return false
	default:
		return true
	}
}

// written reports whether JSON writes the field, or its fields.
func written(f reflect.StructField) bool {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name != "-" && (f.IsExported() || f.Anonymous && f.Type.Kind() == reflect.Struct)
}
