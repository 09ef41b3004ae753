(set-logic ALL)
(declare-const self.refs Int)
(assert (>= self.refs 0))
; idle/count_moves_by_one
(push 1)
(assert (not (and (<= (- 1) (- self.refs self.refs)) (<= (- self.refs self.refs) 1))))
(check-sat)
(pop 1)
