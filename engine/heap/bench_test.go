package heap

import (
	"math/rand/v2"
	"testing"
)

func benchSpace(b *testing.B, rows, payload int) (*Space, []RowID) {
	s := newTestSpace(b, Options{})
	ids := make([]RowID, rows)
	data := make([]byte, payload)
	for i := range ids {
		ids[i], _ = s.NewSlot()
		l, _ := s.Append(ids[i], 1, 0, data, false)
		s.Publish(ids[i], l, 1, 0)
	}
	b.ReportAllocs()
	b.ResetTimer()
	return s, ids
}

func BenchmarkPin(b *testing.B) {
	e := NewEpochs()
	for range b.N {
		e.Pin().Unpin()
	}
}

func BenchmarkPinParallel(b *testing.B) {
	e := NewEpochs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			e.Pin().Unpin()
		}
	})
}

func BenchmarkInsert(b *testing.B) {
	s, _ := benchSpace(b, 0, 0)
	data := make([]byte, 100)
	for i := range b.N {
		id, _ := s.NewSlot()
		l, _ := s.Append(id, 1, 0, data, false)
		s.Publish(id, l, CSN(i+1), 0)
	}
}

func BenchmarkAppendParallel(b *testing.B) {
	s, _ := benchSpace(b, 0, 0)
	b.RunParallel(func(pb *testing.PB) {
		data := make([]byte, 100)
		for pb.Next() {
			id, _ := s.NewSlot()
			s.Append(id, 1, 0, data, false)
		}
	})
}

func BenchmarkUpdatePrune(b *testing.B) {
	s, ids := benchSpace(b, 1000, 100)
	data := make([]byte, 100)
	for i := range b.N {
		id := ids[i%len(ids)]
		l, _ := s.Append(id, 1, 0, data, true)
		s.Publish(id, l, CSN(i+2), 1)
		s.PruneChain(id, nil, CSN(i+2), nil)
	}
}

func BenchmarkInsertDelete(b *testing.B) {
	s, _ := benchSpace(b, 0, 0)
	data := make([]byte, 100)
	for i := range b.N {
		id := put(b, s, CSN(i+1), data)
		remove(b, s, CSN(i+1), id)
	}
}

func BenchmarkVisible(b *testing.B) {
	s, ids := benchSpace(b, 100000, 100)
	r := rand.New(rand.NewPCG(1, 1))
	r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	b.ResetTimer()
	sum := 0
	for i := range b.N {
		v, _ := s.Visible(ids[i%len(ids)], 1)
		sum += len(v.Payload())
	}
}

func BenchmarkVisibleHot(b *testing.B) {
	s, ids := benchSpace(b, 100, 100)
	for i := range b.N {
		s.Visible(ids[i%len(ids)], 1)
	}
}

func BenchmarkScan(b *testing.B) {
	for _, payload := range []int{16, 100} {
		b.Run(map[int]string{16: "16", 100: "100"}[payload], func(b *testing.B) {
			const rows = 100000
			s, _ := benchSpace(b, rows, payload)
			buf := make([]ScanRow, 1024)
			sum := 0
			for range b.N {
				for from, end := uint64(0), s.SlotCount(); from < end; {
					var n int
					n, from = s.ScanVisible(from, end, 1, buf)
					for i := range buf[:n] {
						sum += int(buf[i].V.Payload()[8])
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}

func BenchmarkCount(b *testing.B) {
	const rows = 100000
	s, _ := benchSpace(b, rows, 100)
	for range b.N {
		s.CountVisible(0, s.SlotCount(), 1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

func BenchmarkPageImage(b *testing.B) {
	s, _ := benchSpace(b, 1000, 100)
	image := make([]byte, s.PageSize())
	for range b.N {
		s.PageImage(1, 1, image)
	}
}

func BenchmarkReadOverflow(b *testing.B) {
	s, _ := benchSpace(b, 0, 0)
	ref, _ := s.WriteOverflow(make([]byte, 1<<20))
	b.SetBytes(1 << 20)
	var dst []byte
	for range b.N {
		dst, _ = s.ReadOverflow(ref, 1<<20, dst[:0])
	}
}
