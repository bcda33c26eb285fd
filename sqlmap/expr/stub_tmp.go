package expr

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

type constSet struct{}
type likePattern struct{}

func valueType(v value.Value, coll collate.ID) *Type { return &Type{} }
