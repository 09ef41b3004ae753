(set-logic ALL)
(declare-const self.refs Int)
(declare-const arg.live Bool)
(assert (>= self.refs 0))
; total/WSPDuplicateSocket/covered
(push 1)
(assert (not (or arg.live (not arg.live))))
(check-sat)
(pop 1)
; total/WSPDuplicateSocket/exclusive
(push 1)
(assert (not (not (and arg.live (not arg.live)))))
(check-sat)
(pop 1)
