(set-logic ALL)
(declare-const self.refs Int)
(assert (>= self.refs 0))
(assert (> self.refs 0))
; step/cleanup/refs in range
(push 1)
(assert (not (>= (- self.refs 1) 0)))
(check-sat)
(pop 1)
; step/cleanup/count_moves_by_one
(push 1)
(assert (not (and (<= (- 1) (- (- self.refs 1) self.refs)) (<= (- (- self.refs 1) self.refs) 1))))
(check-sat)
(pop 1)
