import Testing

@testable import Fleet

/// What must not be shown is taken out of texts from outside, and nothing else.
@Suite struct SecretTextTests {
    @Test(arguments: [
        ("get https://b.s3.amazonaws.com/k?X-Amz-Signature=abc&y=1 now", "get https://b.s3.amazonaws.com/k?… now"),
        ("'https://cfn.s3/arn?X-Amz-Credential=AKIASU3QWAIZOQBBO25R%2F2022' done", "'https://cfn.s3/arn?… done"),
        ("--password=hunter2 x", "--password=… x"), ("DB_PASSWORD: hunter2 x", "DB_PASSWORD: … x"),
        ("key ASIA4WNJ7AAAGXA4YH4S used", "key … used"), ("key AKIA4WNJ7AAAGXA4YH4S used", "key … used"),
        ("the token expired", "the token expired"),
        ("Authorization: Bearer abc x", "Authorization: Bearer … x"), ("--password hunter2 x", "--password … x"),
        ("password = hunter2 x", "password = … x"), (#"{"password": "hunter2"} x"#, #"{"password": … x"#),
        ("AWS_SECRET_ACCESS_KEY=abc x", "AWS_SECRET_ACCESS_KEY=… x"),
        ("clone https://me:tok@git.example/r?x=1 x", "clone https://…@git.example/r?… x"),
        ("aws_session_token=abc", "aws_session_token=…"), ("nothing to hide", "nothing to hide"),
        // As Flux and Helm say it.
        (
            #"failed to fetch Helm repository: Get "https://bot:s3cr3t@charts.example/index.yaml": EOF"#,
            #"failed to fetch Helm repository: Get "https://…@charts.example/index.yaml": EOF"#
        ),
        ("tried oci://a.example/x,oci://me:pw@b.example/y", "tried oci://a.example/x,oci://…@b.example/y"),
        ("InfrastructureReady: quota exceeded", "InfrastructureReady: quota exceeded"),
    ]) func secretsAreTakenOut(line: String, shown: String) {
        #expect(SecretText.hidden(line) == shown)
        #expect(SecretText.line(line) == shown)
    }

    @Test func halfOfASecretIsNotLeftWhereALineIsCut() {
        let start = String(repeating: "x", count: 370)
        let line = SecretText.line(start + " Get https://somebody:hunter2hunter2hunter2@charts.example/")
        #expect(line.contains("https://…@charts") && !line.contains("somebody"))
        #expect(SecretText.line("a\nb", limit: 2) == "a \u{2026}", "lines stay harmless")
        #expect(SecretText.hidden("a:" + String(repeating: "x", count: 20_000)) == "…")
    }
}
