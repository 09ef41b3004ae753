(set-logic ALL)
(declare-const self.refs Int)
(assert (= self.refs 0))
; start/refs in range
(push 1)
(assert (not (>= self.refs 0)))
(check-sat)
(pop 1)
