(set-logic ALL)
(declare-const self.refs Int)
(declare-const arg.granted Bool)
(assert (>= self.refs 0))
; total/WSPSocket/covered
(push 1)
(assert (not (or arg.granted (not arg.granted))))
(check-sat)
(pop 1)
; total/WSPSocket/exclusive
(push 1)
(assert (not (not (and arg.granted (not arg.granted)))))
(check-sat)
(pop 1)
