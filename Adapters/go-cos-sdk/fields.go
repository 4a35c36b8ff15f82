package main

import (
	"encoding/xml"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// Filling puts arguments into the SDK's options structs, by the names in the tags of their fields, and keeps what found no place.
type Filling struct {
	homeless []string
}

const namedMax = 4

func (filling *Filling) reason() string {
	if len(filling.homeless) == 0 {
		return ""
	}
	sort.Strings(filling.homeless)
	named, more := filling.homeless, ""
	if len(named) > namedMax {
		named, more = named[:namedMax], fmt.Sprintf(" and %d more", len(named)-namedMax)
	}
	return "the method has no parameter for " + strings.Join(named, ", ") + more
}

// nodes fills options from the nodes of a request document.
func (filling *Filling) nodes(options any, nodes object) {
	filling.put(reflect.ValueOf(options).Elem(), nodes, "")
}

// parameters fills options from a query.
func (filling *Filling) parameters(options any, pairs [][]*string) {
	fields := fields(reflect.ValueOf(options).Elem(), "url")
	for _, pair := range pairs {
		name, text := *pair[0], ""
		if pair[1] != nil {
			text = *pair[1]
		}
		if field, found := fields[name]; found {
			filling.put(field, text, name)
		} else {
			filling.homeless = append(filling.homeless, name)
		}
	}
}

func (filling *Filling) put(place reflect.Value, value any, path string) {
	switch place.Kind() {
	case reflect.Ptr:
		place.Set(reflect.New(place.Type().Elem()))
		filling.put(place.Elem(), value, path)
		return
	case reflect.Slice:
		items, several := value.([]any)
		if !several {
			items = []any{value}
		}
		for _, item := range items {
			place.Set(reflect.Append(place, reflect.Zero(place.Type().Elem())))
			filling.put(place.Index(place.Len()-1), item, path)
		}
		return
	case reflect.Struct:
		if nodes, nested := value.(object); nested {
			fields := fields(place, "xml")
			for name, node := range nodes {
				inside := strings.TrimPrefix(path+"/"+name, "/")
				if field, found := fields[name]; found {
					filling.put(field, node, inside)
				} else {
					filling.homeless = append(filling.homeless, inside)
				}
			}
			return
		}
		if value == "" {
			return
		}
	default:
		if text, scalar := value.(string); scalar && scan(place, text) {
			return
		}
	}
	filling.homeless = append(filling.homeless, path)
}

// scan sets a text, number or flag, when the field can hold just what the text says.
func scan(place reflect.Value, text string) bool {
	switch place.Kind() {
	case reflect.String:
		place.SetString(text)
	case reflect.Int, reflect.Int32, reflect.Int64:
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil || place.OverflowInt(number) || strconv.FormatInt(number, 10) != text {
			return false
		}
		place.SetInt(number)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return false
		}
		place.SetBool(text == "true")
	case reflect.Float32, reflect.Float64:
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return false
		}
		place.SetFloat(number)
	default:
		return false
	}
	return true
}

// fields are those of a struct, by the names that their tags give them.
func fields(place reflect.Value, key string) map[string]reflect.Value {
	found := map[string]reflect.Value{}
	for index := 0; index < place.NumField(); index++ {
		field := place.Type().Field(index)
		if field.Type == reflect.TypeOf(xml.Name{}) {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get(key), ",")
		if name == "" {
			name = field.Name
		}
		found[name] = place.Field(index)
	}
	return found
}

// shown is a result as JSON: fields by the names of their nodes, without those that have the value of a field that nothing
// was read into.
func shown(result any) any {
	if result == nil {
		return nil
	}
	return value(reflect.ValueOf(result))
}

func value(place reflect.Value) any {
	switch place.Kind() {
	case reflect.Ptr, reflect.Interface:
		if place.IsNil() {
			return nil
		}
		return value(place.Elem())
	case reflect.Slice:
		items := []any{}
		for index := 0; index < place.Len(); index++ {
			items = append(items, value(place.Index(index)))
		}
		return items
	case reflect.Struct:
		nodes := object{}
		for name, field := range fields(place, "xml") {
			if !field.IsZero() {
				nodes[name] = value(field)
			}
		}
		return nodes
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		return place.Interface()
	}
	panic(fmt.Sprintf("a field of kind %v", place.Kind()))
}
