package lock

import (
	"context"
	"sync/atomic"
	"testing"
)

func BenchmarkAcquireRelease(b *testing.B) {
	m := New(Options{})
	o := m.Begin(1)
	var word atomic.Uint64
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = m.Acquire(ctx, o, Resource{1, 1, &word}, Exclusive, Wait{})
		m.ReleaseAll(o)
	}
}

func BenchmarkAcquireRelease100Rows(b *testing.B) {
	m := New(Options{})
	o := m.Begin(1)
	words := make([]atomic.Uint64, 100)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		for i := range words {
			_, _ = m.Acquire(ctx, o, Resource{1, uint64(i), &words[i]}, Exclusive, Wait{})
		}
		m.ReleaseAll(o)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/lock")
}

func BenchmarkBeginEnd(b *testing.B) {
	m := New(Options{})
	b.ReportAllocs()
	for b.Loop() {
		m.End(m.Begin(1))
	}
}

func BenchmarkDefinitionShared(b *testing.B) {
	m := New(Options{})
	var d Definition
	ctx := context.Background()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		o := m.Begin(1)
		for pb.Next() {
			_, _ = m.AcquireShared(ctx, o, &d, Wait{})
			m.ReleaseAll(o)
		}
		m.End(o)
	})
}

// BenchmarkSharedRow is a parent row that all transactions reference: the record stays inflated.
func BenchmarkSharedRow(b *testing.B) {
	m := New(Options{})
	var word atomic.Uint64
	ctx := context.Background()
	keep := m.Begin(0)
	keep2 := m.Begin(0)
	for _, o := range []*Owner{keep, keep2} {
		_, _ = m.Acquire(ctx, o, Resource{1, 1, &word}, Mode{S: 1}, Wait{})
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		o := m.Begin(1)
		for pb.Next() {
			_, _ = m.Acquire(ctx, o, Resource{1, 1, &word}, Mode{S: 1}, Wait{})
			m.ReleaseAll(o)
		}
		m.End(o)
	})
}

// BenchmarkHotRow hands one row around.
func BenchmarkHotRow(b *testing.B) {
	m := New(Options{})
	var word atomic.Uint64
	ctx := context.Background()
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		o := m.Begin(1)
		for pb.Next() {
			if _, err := m.Acquire(ctx, o, Resource{1, 1, &word}, Exclusive, Wait{}); err != nil {
				b.Error(err)
			}
			m.ReleaseAll(o)
		}
		m.End(o)
	})
}
