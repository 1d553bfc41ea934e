//go:build tools

// Names the control plane of Istio, so that go.mod and go.sum pin all it needs.
package tools

import _ "istio.io/istio/pilot/cmd/pilot-discovery"
