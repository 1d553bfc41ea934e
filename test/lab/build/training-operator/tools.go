//go:build tools

// Names the operator whose jobs run in the lab, so that go.mod and go.sum pin everything it needs.
package tools

import _ "github.com/kubeflow/training-operator/cmd/training-operator.v1"
