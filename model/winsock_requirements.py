"""What Microsoft's documentation asks of a Winsock service provider, in our own words.

Each requirement is named by the pages that it stands on, in the reference of the Winsock service provider interface.
The specs beside this file import those that they carry. A number that is missing here belongs to a requirement that is
met by code around the generated cores alone: tests/provider/requirements.toml has it, and the tests of all of them.
"""

from quiesce.spec import Requirement

R1 = Requirement("R1", "Only startup can be found by name; all else is in the table that it returns.", "WSPStartup")
R2 = Requirement("R2", "Before a startup has succeeded, every other call is refused.", "WSPStartup")
R3 = Requirement("R3", "A successful startup adds exactly one to the count.", "WSPStartup; Initialization")
R4 = Requirement("R4", "A failing startup changes nothing.", "WSPStartup")
R5 = Requirement("R5", "A successful startup is undone by exactly one cleanup.", "Cleanup; WSPCleanup")
R6 = Requirement("R6", "Cleanup at count zero is refused and changes nothing.", "WSPCleanup")
R7 = Requirement("R7", "Cleanup above count one only lowers the count.", "WSPStartup; WSPCleanup")
R8 = Requirement("R8", "The count belongs to the process: any thread may balance any other.", "Cleanup")
R9 = Requirement("R9", "At count zero, what was accepted is finished before anything is freed.", "Cleanup")
R10 = Requirement("R10", "After the drain every resource is released.", "Cleanup")
R11 = Requirement("R11", "After the last cleanup the provider can be started again at once.", "Cleanup; WSPCleanup")
R12 = Requirement("R12", "Descriptors of an earlier epoch stay dead after a restart.", "WSPCleanup")
R13 = Requirement("R13", "A new epoch inherits nothing, such as the lowest version asked for.", "WSPStartup")
R14 = Requirement("R14", "Cleanup returns, and only once the provider may be unloaded.", "WSPCleanup")
R15 = Requirement("R15", "The last cleanup cancels what every thread still has pending.", "WSPCleanup")
R16 = Requirement("R16", "An operation cancelled by the last cleanup notifies nobody.", "WSPCleanup")
R17 = Requirement("R17", "Sockets open at the last cleanup are closed by it.", "WSPCleanup")
R18 = Requirement("R18", "A graceful close in progress is not affected by cleanup.", "WSPCleanup")
R20 = Requirement("R20", "A version below the lowest supported is refused.", "WSPStartup")
R23 = Requirement("R23", "The version is checked before the data buffer.", "observed on Windows")
R24 = Requirement("R24", "A missing data buffer is refused.", "WSPStartup")
R27 = Requirement("R27", "A layer undoes each startup of its lower provider before it is unloaded.", "Cleanup")
R28 = Requirement("R28", "A layer may start its lower provider at once, or when it first needs it.", "WSPStartup")
R30 = Requirement("R30", "A lower startup that fails makes the call fail that needed it.", "Windows Sockets errors")
R31 = Requirement("R31", "A lower provider whose procedure table is rejected is cleaned up.", "WSPStartup; WSPCleanup")
R33 = Requirement("R33", "A shared socket is closed by the close of its last descriptor.", "Closing Sockets")
R34 = Requirement("R34", "What a close does with unsent bytes follows the linger setting.", "WSPCloseSocket")
R35 = Requirement("R35", "A close refused because it would block has no effect.", "WSPCloseSocket")
R36 = Requirement("R36", "Close cancels pending operations and completes each of them.", "WSPCloseSocket")
R38 = Requirement("R38", "After a shutdown for sending, further sends are refused.", "WSPShutdown")
R39 = Requirement("R39", "A timed linger that expires turns into a hard close.", "WSPCloseSocket")
