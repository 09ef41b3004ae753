(set-logic ALL)
(declare-const self.refs Int)
(assert (>= self.refs 0))
; total/WSPCleanup/covered
(push 1)
(assert (not true))
(check-sat)
(pop 1)
; total/WSPCleanup/exclusive
(push 1)
(assert (not true))
(check-sat)
(pop 1)
