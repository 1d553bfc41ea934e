// OPA as a Go library, in process: the rules are data keyed by prefix, and ready before the clock starts.
// Reads workloads from standard input, one JSON document each; prints one line of figures for each.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

//go:embed policy.rego
var policy string

const (
	budget  = 1500 * time.Millisecond
	batches = 400
	// Shorter batches would measure the clock.
	batchTime = time.Millisecond
)

type workload struct {
	Rules []struct {
		Prefix string `json:"prefix"`
		Team   string `json:"team"`
	} `json:"rules"`
	Requests []request `json:"requests"`
}

type request struct {
	Team    string `json:"team"`
	Path    string `json:"path"`
	Allowed bool   `json:"allowed"`
}

type figures struct {
	Datasets        int     `json:"datasets"`
	Nanoseconds     float64 `json:"nanoseconds"`
	BestNanoseconds float64 `json:"bestNanoseconds"`
}

func main() {
	in := json.NewDecoder(os.Stdin)
	for {
		var work workload
		err := in.Decode(&work)
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			var measured figures
			if measured, err = measure(work); err == nil {
				err = json.NewEncoder(os.Stdout).Encode(measured)
			}
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func measure(work workload) (figures, error) {
	ctx := context.Background()
	query, err := prepare(ctx, work)
	if err != nil {
		return figures{}, err
	}
	next := 0
	// One goroutine asks, as one request of a sidecar does.
	batch := func(size int) (time.Duration, error) {
		began := time.Now()
		for range size {
			asked := work.Requests[next%len(work.Requests)]
			next++
			allowed, err := decide(ctx, query, asked)
			if err != nil {
				return 0, err
			}
			if allowed != asked.Allowed {
				return 0, fmt.Errorf("wrong verdict: `%s` on `%s` is to be %t", asked.Team, asked.Path, asked.Allowed)
			}
		}
		return time.Since(began), nil
	}
	size := 1
	for end := time.Now().Add(budget); time.Now().Before(end); {
		took, err := batch(size)
		if err != nil {
			return figures{}, err
		}
		if took < batchTime {
			size *= 2
		}
	}
	var means []float64
	for end := time.Now().Add(budget); len(means) < 3 || len(means) < batches && time.Now().Before(end); {
		took, err := batch(size)
		if err != nil {
			return figures{}, err
		}
		means = append(means, float64(took.Nanoseconds())/float64(size))
	}
	sort.Float64s(means)
	return figures{len(work.Rules), means[len(means)/2], means[0]}, nil
}

// The store keeps the data as the evaluator wants it, so that nothing is converted while deciding.
func prepare(ctx context.Context, work workload) (rego.PreparedEvalQuery, error) {
	readers := map[string]any{}
	for _, rule := range work.Rules {
		readers[rule.Prefix] = map[string]any{rule.Team: true}
	}
	data := map[string]any{"readers": readers}
	return rego.New(
		rego.Query("data.bench.allow"),
		rego.Module("policy.rego", policy),
		rego.Store(inmem.NewFromObjectWithOpts(data, inmem.OptReturnASTValuesOnRead(true))),
	).PrepareForEval(ctx)
}

// The input is made as a term of Rego's: the shortest way that the library offers.
func decide(ctx context.Context, query rego.PreparedEvalQuery, asked request) (bool, error) {
	input := ast.NewObject(
		ast.Item(ast.InternedTerm("team"), ast.StringTerm(asked.Team)),
		ast.Item(ast.InternedTerm("directories"), ast.NewTerm(directoriesAbove(asked.Path))),
	)
	results, err := query.Eval(ctx, rego.EvalParsedInput(input))
	if err != nil {
		return false, err
	}
	return results.Allowed(), nil
}

// Made here since it takes Rego twice as long.
func directoriesAbove(path string) *ast.Array {
	var found []*ast.Term
	for at := 1; at < len(path); at++ {
		if path[at] == '/' {
			found = append(found, ast.StringTerm(path[:at]))
		}
	}
	return ast.NewArray(found...)
}
