import HTTPClient
import Testing

@Suite struct PrivateAddressTests {
    @Test(arguments: [
        ("127.0.0.1", true), ("10.1.2.3", true), ("172.16.0.1", true), ("172.32.0.1", false),
        ("192.168.1.1", true), ("169.254.169.254", true), ("100.64.0.1", true),
        ("0.0.0.0", true), ("224.0.0.1", true), ("255.255.255.255", true), ("8.8.8.8", false),
        ("192.0.2.1", true), ("192.0.3.1", false), ("::1", true), ("::", true),
        ("fe80::1%eth0", true), ("fc00::1", true), ("::ffff:127.0.0.1", true),
        ("::ffff:8.8.8.8", false), ("64:ff9b::a00:1", true), ("2001:db8::1", true),
        ("2002:7f00:1::", true), ("2606:4700::1111", false), ("ff02::1", true), ("", true),
        ("example.org", true),
    ]) func knows(_ address: String, _ isPrivate: Bool) {
        #expect(PrivateAddress.isPrivate(address) == isPrivate)
    }

    @Test func refusesToConnect() async throws {
        let server = try LoopbackServer.http { _ in LoopbackServer.answer(200) }
        defer { server.stop() }
        let client = HTTPClient()
        var request = HTTPRequest(url: server.url)
        request.refusesPrivateAddresses = true
        await #expect {
            try await client.send(request)
        } throws: { error in
            let error = error as? HTTPClientError
            return error?.code == .invalidRequest && error?.message.contains("127.0.0.1") == true
        }
        await client.shutdown()
    }
}
