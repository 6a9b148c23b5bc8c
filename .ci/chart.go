// Renders the Helm chart where there is no helm: chart.go CHART [RELEASE [name=value …]]. It knows what our chart uses
// of helm's templates: sprig's functions, include, toYaml, and the objects Chart, Release and Values.
//
//	apt-get install golang-go golang-github-masterminds-sprig-dev golang-gopkg-yaml.v3-dev
//	GO111MODULE=off GOPATH=/usr/share/gocode go run .ci/chart.go docs/deploy/helm/newsroom
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

func main() {
	folder, release := os.Args[1], "news"
	if len(os.Args) > 2 {
		release = os.Args[2]
	}
	about, values := read(folder+"/Chart.yaml"), read(folder+"/values.yaml")
	for _, each := range os.Args[min(3, len(os.Args)):] {
		set(values, each)
	}
	chart := map[string]any{"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]}
	given := map[string]any{
		"Chart":   chart,
		"Values":  values,
		"Release": map[string]any{"Name": release, "Namespace": "default", "Service": "Helm"},
	}
	all := template.New("").Option("missingkey=error")
	functions := sprig.TxtFuncMap()
	functions["toYaml"] = func(value any) string {
		text, err := yaml.Marshal(value)
		must(err)
		return strings.TrimSuffix(string(text), "\n")
	}
	functions["include"] = func(name string, value any) string {
		var out bytes.Buffer
		must(all.ExecuteTemplate(&out, name, value))
		return out.String()
	}
	all.Funcs(functions)
	files, err := filepath.Glob(folder + "/templates/*")
	must(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(err)
		template.Must(all.New(filepath.Base(file)).Parse(string(text)))
	}
	for _, file := range files {
		var out bytes.Buffer
		must(all.ExecuteTemplate(&out, filepath.Base(file), given))
		if strings.HasSuffix(file, ".yaml") && strings.TrimSpace(out.String()) != "" {
			fmt.Printf("---\n# %s\n%s", filepath.Base(file), out.String())
		} else if strings.HasSuffix(file, ".txt") {
			fmt.Fprint(os.Stderr, out.String())
		}
	}
}

func read(file string) map[string]any {
	text, err := os.ReadFile(file)
	must(err)
	found := map[string]any{}
	must(yaml.Unmarshal(text, &found))
	return found
}

// "web.autoscaling.enabled=true"
func set(values map[string]any, told string) {
	path, text, _ := strings.Cut(told, "=")
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		values = values[name].(map[string]any)
	}
	var value any
	must(yaml.Unmarshal([]byte(text), &value))
	values[names[len(names)-1]] = value
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
