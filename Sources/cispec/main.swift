import Commands
import Glibc

EndingSignals.haveExitCodes()
exit(Commands.main(Array(CommandLine.arguments.dropFirst()), .ofProcess()).rawValue)
