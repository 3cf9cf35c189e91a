import Foundation
import Glibc
import Synchronization

/// A PostgreSQL server of our own in a folder, for demonstrations and tests.
///
/// It listens on a Unix socket in the folder and on no port. A guard process that holds a pipe to
/// this process stops it when ``stop()`` is called or this process ends in whatever way; the data
/// stay in the folder and are used again by the next start. As root, which PostgreSQL refuses,
/// everything runs as the user `postgres`.
public final class PrivatePostgres: Sendable {
    /// Where it is.
    public let folder: String
    private let server: Server

    /// The guard process, by posix_spawn: on Linux, Foundation's `Process.run` was seen to crash where
    /// programs are started by many threads at the same time.
    private final class Server: Sendable {
        struct State {
            /// 0 before the start and after the end was waited for.
            var process: pid_t = 0
            /// Our end of the guard's input; -1 once it is closed.
            var input: Int32 = -1
        }

        let state = Mutex(State())
    }

    /// Why the server did not start.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong and what to do about it.
        public let description: String
    }

    private init(folder: String) {
        self.folder = folder
        server = Server()
    }

    deinit {
        Self.end(server)
        let server = server
        // Nobody waits for it, but somebody has to ask how it ended.
        Thread.detachNewThread { Self.wait(for: server) }
    }

    /// Starts a server; the first time it makes the database files, which takes a few seconds.
    ///
    /// - Parameters:
    ///   - folder: an existing folder; `postgres` in it becomes the server's. Its path is short,
    ///     since a socket's path has at most 107 bytes.
    ///   - isDurable: false skips syncing to disk, for tests.
    /// - Throws: ``Failure`` with PostgreSQL's own words.
    public static func start(
        in folder: String,
        isDurable: Bool = true
    ) async throws(Failure) -> PrivatePostgres {
        let outcome: Result<PrivatePostgres, Failure> = await withCheckedContinuation {
            continuation in
            // Starting waits for other processes, so it has a thread of its own.
            Thread.detachNewThread {
                continuation.resume(
                    returning: Result { () throws(Failure) in
                        let server = PrivatePostgres(folder: folder)
                        try server.launch(isDurable: isDurable)
                        return server
                    }
                )
            }
        }
        return try outcome.get()
    }

    /// For ``PostgresClient/Configuration``.
    public var connectionString: String {
        let host = "\(folder)/postgres".replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return "host='\(host)' user=daybook dbname=postgres"
    }

    /// The same as a URL, for a configuration file.
    public var url: String {
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        let host = "\(folder)/postgres".addingPercentEncoding(withAllowedCharacters: plain)
        return "postgresql://daybook@/postgres?host=\(host ?? "")"
    }

    /// Stops the server and waits until it has ended.
    ///
    /// A second call does nothing.
    public func stop() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread { [self] in
                Self.end(server)
                Self.wait(for: server)
                continuation.resume()
            }
        }
    }

    private static func end(_ server: Server) {
        server.state.withLock { state in
            guard state.input >= 0 else { return }
            close(state.input)
            state.input = -1
        }
    }

    private static func wait(for server: Server) {
        server.state.withLock { state in
            guard state.process > 0 else { return }
            var status: Int32 = 0
            while waitpid(state.process, &status, 0) < 0, errno == EINTR {}
            state.process = 0
        }
    }

    // A Ctrl-C in a terminal reaches this process as well; it must live to stop the server. The
    // end of the pipe, by our doing or by our death, lets `read` return and the server be stopped.
    private static let script = """
        set -e
        trap '' INT HUP
        cd "$DAYBOOK_ROOT"
        if [ ! -f data/PG_VERSION ]; then
          "$DAYBOOK_BIN/initdb" -D data -U daybook -A trust -E UTF8 --locale=C --no-sync > log 2>&1
        fi
        "$DAYBOOK_BIN/pg_ctl" -D data -w -t 60 -l log -o "$DAYBOOK_OPTIONS" start > start.log 2>&1
        echo ready
        read -r line || true
        "$DAYBOOK_BIN/pg_ctl" -D data -w -m fast stop > stop.log 2>&1
        """

    private func launch(isDurable: Bool) throws(Failure) {
        let root = "\(folder)/postgres"
        guard "\(root)/.s.PGSQL.5432".utf8.count <= 107 else {
            let remedy = "use a folder with a shorter path, such as one in /tmp"
            throw Failure(description: "the path \(root) is too long for a socket; \(remedy)")
        }
        let binaries = try Self.binaries()
        let isRoot = getuid() == 0
        try Self.prepare(root, isRoot: isRoot)
        let words =
            (isRoot ? ["/usr/sbin/runuser", "-u", "postgres", "--"] : []) + ["/bin/sh", "-c"]
        var options = "-k '\(root.replacing("'", with: "'\\''"))' -c listen_addresses=''"
        if !isDurable {
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        }
        let environment = [
            "PATH": "/usr/bin:/bin", "LC_ALL": "C", "DAYBOOK_ROOT": root, "DAYBOOK_BIN": binaries,
            "DAYBOOK_OPTIONS": options,
        ]
        let said = try spawn(words + [Self.script], environment)
        guard said == "ready\n" else {
            let logs = ["log", "start.log"].compactMap {
                try? String(contentsOfFile: "\(root)/\($0)", encoding: .utf8)
            }.joined(separator: "\n").suffix(2000)
            let remedy = "see \(root)/log; the user postgres must be able to enter the folder"
            throw Failure(description: "PostgreSQL did not start: \(logs); \(remedy)")
        }
    }

    /// Starts the guard, and returns the first line that it prints, or what it printed before it ended.
    private func spawn(
        _ words: [String],
        _ environment: [String: String]
    ) throws(Failure) -> String {
        var input: [Int32] = [-1, -1]
        var output: [Int32] = [-1, -1]
        defer { for descriptor in [input[0]] + output where descriptor >= 0 { close(descriptor) } }
        guard pipe(&input) == 0, pipe(&output) == 0 else {
            let reason = String(cString: strerror(errno))
            if input[1] >= 0 { close(input[1]) }
            throw Failure(description: "PostgreSQL cannot be started: \(reason)")
        }
        // A child that has our end of the guard's input as well would keep the guard alive.
        for descriptor in input + output { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, words[0], &actions, nil, &arguments, &variables)
        guard code == 0 else {
            close(input[1])
            let reason = String(cString: strerror(code))
            throw Failure(description: "PostgreSQL cannot be started: \(reason)")
        }
        server.state.withLock { [input, process] state in
            state.process = process
            state.input = input[1]
        }
        // Only the guard holds this end from now on, so its death is the end of what it says.
        close(output[1])
        output[1] = -1
        var said: [UInt8] = []
        var byte: UInt8 = 0
        while said.last != UInt8(ascii: "\n") {
            let count = read(output[0], &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { break }
            said.append(byte)
        }
        return String(decoding: said, as: UTF8.self)
    }

    private static func prepare(_ root: String, isRoot: Bool) throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                atPath: root,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw Failure(description: "the folder \(root) cannot be made: \(error)")
        }
        guard isRoot else { return }
        guard let user = getpwnam("postgres"),
            chown(root, user.pointee.pw_uid, user.pointee.pw_gid) == 0
        else {
            let remedy = "install PostgreSQL or run as another user than root"
            throw Failure(description: "there is no user postgres to run the server; \(remedy)")
        }
    }

    /// The folder with the server's programs, of the newest version that is installed.
    private static func binaries() throws(Failure) -> String {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .compactMap { Int($0) }.sorted(by: >)
        let folders = versions.map { "\(root)/\($0)/bin" } + ["/usr/local/pgsql/bin", "/usr/bin"]
        for folder in folders
        where FileManager.default.isExecutableFile(atPath: "\(folder)/initdb") { return folder }
        let remedy = "install it, on Debian: apt install postgresql"
        throw Failure(description: "there is no PostgreSQL server on this machine; \(remedy)")
    }
}
