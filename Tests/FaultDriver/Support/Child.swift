import Glibc

/// A program that runs beside, and is never left alone.
final class Child {
    enum Ending: Equatable, CustomStringConvertible {
        case exit(Int32)
        case signal(Int32)
        /// It did nothing for too long and was killed.
        case hang

        var description: String {
            switch self {
            case .exit(let code): "ended with \(code)"
            case .signal(let number): "died of signal \(number)"
            case .hang: "hung"
            }
        }
    }

    /// The path of this program.
    static let program: String = {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { readlink("/proc/self/exe", $0, buffer.count) } ?? 0
        }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }()

    let process: pid_t
    let words: [String]
    private let output: String
    private var ending: Ending?

    /// Starts a program with its output and errors in one file.
    init(_ words: [String], output: String) throws {
        self.words = words
        self.output = output
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var arguments = words.map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        var started: pid_t = 0
        let code = posix_spawnp(&started, words[0], &actions, nil, &arguments, environ)
        guard code == 0 else {
            errno = code
            throw SystemFailure("cannot start \(words[0])")
        }
        process = started
    }

    deinit {
        if ending == nil { stop() }
    }

    /// Sends a signal; one that has ended is left alone.
    func send(_ signal: Int32) {
        if poll() == nil { kill(process, signal) }
    }

    /// Kills it if it still runs.
    func stop() {
        send(SIGKILL)
        _ = wait(seconds: 10)
    }

    /// How it ended; nil while it runs.
    func poll() -> Ending? {
        if let ending { return ending }
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return nil }
        let signal = status & 0x7F
        ending = signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
        return ending
    }

    /// Waits until it ends, or until it has not moved for some seconds.
    ///
    /// - Parameter progress: a number that changes as long as it does something.
    func wait(seconds: Double, progress: () -> Int = { 0 }) -> Ending {
        var last = progress()
        var deadline = Child.now + seconds
        var pause: UInt32 = 200
        while true {
            if let ending = poll() { return ending }
            let current = progress()
            if current != last {
                last = current
                deadline = Child.now + seconds
            }
            if Child.now > deadline {
                kill(process, SIGKILL)
                var status: Int32 = 0
                waitpid(process, &status, 0)
                ending = .hang
                return .hang
            }
            usleep(pause)
            pause = min(pause * 2, 5000)
        }
    }

    /// The end of what it printed.
    var printed: String {
        let text = String(decoding: Disk.bytes(of: output) ?? [], as: UTF8.self)
        return text.split(separator: "\n").suffix(6).joined(separator: " | ")
    }

    /// Seconds on a clock that does not jump.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
