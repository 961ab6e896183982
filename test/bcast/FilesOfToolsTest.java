package bcast;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.base.StartException;
import bcast.http.CertificateFiles;
import bcast.testing.News;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes with files of secrets, tokens, keys and certificates as people's tools write them. */
final class FilesOfToolsTest {

    private static final String TOKEN = "0123456789abcdef";
    private static final char MARK = '\ufeff';

    @TempDir
    Path dir;

    @BeforeEach
    void openssl() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "skipped: no openssl");
    }

    private void run(String command) throws Exception {
        Process process = new ProcessBuilder(command.split(" ")).directory(dir.toFile())
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), command + ": " + said);
    }

    private String text(String name) throws Exception {
        return Files.readString(dir.resolve(name));
    }

    /** Makes root, middle and leaf, each signed by the one before. */
    private void newChain() throws Exception {
        run("openssl req -x509 -nodes -days 2 -subj /CN=root -newkey ec -pkeyopt "
                + "ec_paramgen_curve:P-256 -keyout root.key -out root");
        Files.writeString(dir.resolve("ca"), "basicConstraints=CA:TRUE\n");
        Files.writeString(dir.resolve("no-ca"), "subjectAltName=IP:127.0.0.1\n");
        String[][] all = {{"middle", "root", "ca"}, {"leaf", "middle", "no-ca"}};
        for (String[] each : all) {
            run("openssl req -nodes -subj /CN=" + each[0] + " -newkey ec -pkeyopt "
                    + "ec_paramgen_curve:P-256 -keyout " + each[0] + ".key -out request");
            run("openssl x509 -req -days 2 -in request -CA " + each[1] + " -CAkey " + each[1]
                    + ".key -CAcreateserial -extfile " + each[2] + " -out " + each[0]);
        }
    }

    /** The subjects that a node shows, its own first. */
    private static List<String> shown(int port) throws Exception {
        List<String> subjects = new ArrayList<>();
        TrustManager all = new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String kind) {
                throw new IllegalStateException("this is a client");
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String kind) {
                for (X509Certificate each : chain) {
                    subjects.add(each.getSubjectX500Principal().getName());
                }
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {all}, null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket("127.0.0.1", port)) {
            socket.startHandshake();
        }
        return subjects;
    }

    @Test
    void certificatesAndKeyInOneFileInAnyOrderAreServed() throws Exception {
        newChain();
        run("openssl ecparam -name prime256v1 -out parameters");
        List<String> blocks = new ArrayList<>(List.of(text("root"), text("parameters"),
                "Bag Attributes\n    friendlyName: café\n" + text("leaf.key"),
                text("middle"), text("leaf")));
        for (int turn = 0; turn < blocks.size(); turn++) {
            Path one = Files.writeString(dir.resolve("one.pem"), MARK + blocks.stream()
                    .map(block -> block.replace("\n", "  \r\n")).collect(Collectors.joining()),
                    turn % 2 == 0 ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8);
            try (TestNode node = TestNode.alone("-tlscert=" + one, "-tlskey=" + one)) {
                assertEquals(List.of("CN=leaf", "CN=middle", "CN=root"), shown(node.port()));
            }
            Collections.rotate(blocks, 1);
        }
    }

    @Test
    void certificatesThatAreNotAboveTheKeysAreNotSent() throws Exception {
        newChain();
        run("openssl req -x509 -nodes -days 2 -subj /CN=other -newkey rsa:2048 -keyout other.key "
                + "-out other");
        Path certs = Files.writeString(dir.resolve("certs"),
                text("other") + text("middle") + text("leaf"));
        try (TestNode node = TestNode.alone("-tlscert=" + certs,
                "-tlskey=" + dir.resolve("leaf.key"))) {
            assertEquals(List.of("CN=leaf", "CN=middle"), shown(node.port()));
        }
    }

    private String refusedKey(String content) {
        return assertThrows(IllegalArgumentException.class, () -> CertificateFiles.key(
                content.getBytes(StandardCharsets.UTF_8))).getMessage();
    }

    @Test
    void whatIsAmbiguousOrMissingIsNamed() throws Exception {
        newChain();
        assertEquals("it holds 2 different private keys; it must hold one",
                refusedKey(text("leaf.key") + text("root.key")));
        assertEquals(CertificateFiles.key(text("leaf.key").getBytes(StandardCharsets.UTF_8)),
                CertificateFiles.key((text("leaf.key") + text("leaf.key"))
                        .getBytes(StandardCharsets.UTF_8)), "the same once more");
        assertEquals("no PRIVATE KEY in PEM, only CERTIFICATE", refusedKey(text("leaf")));
        assertEquals("no CERTIFICATE in PEM, only PRIVATE KEY", assertThrows(
                IllegalArgumentException.class, () -> CertificateFiles.certificates(
                text("leaf.key").getBytes(StandardCharsets.UTF_8))).getMessage());
        assertEquals("it is empty", refusedKey("\r\n \r\n"));
        run("openssl x509 -in leaf -outform DER -out der");
        List<? extends Certificate> der = CertificateFiles.certificates(
                Files.readAllBytes(dir.resolve("der")));
        assertArrayEquals(CertificateFiles.certificates(text("leaf")
                .getBytes(StandardCharsets.UTF_8)).toArray(), der.toArray());
    }

    @Test
    void secretsTokensAndTrustedKeysMayBeUtf16() throws Exception {
        run("openssl genpkey -algorithm ed25519 -out key");
        run("openssl pkey -in key -pubout -out public");
        Path keys = Files.writeString(dir.resolve("keys"), MARK + text("public")
                .replace("\n", "\r\n"), StandardCharsets.UTF_16LE);
        Path tokens = Files.writeString(dir.resolve("tokens"), MARK + TOKEN + " \r\n\r\n",
                StandardCharsets.UTF_16LE);
        Path secrets = Files.writeString(dir.resolve("secrets"), MARK + "ab".repeat(32) + "\r\n",
                StandardCharsets.UTF_16BE);
        try (TestNode node = TestNode.alone("-validator=ed25519:" + keys,
                "-tokenfile=" + tokens, "-secretfile=" + secrets)) {
            assertEquals(422, node.client.send("POST", "/postNewData", News.json("id", "raw"),
                    "Authorization", "Bearer " + TOKEN).statusCode());
        }
        Files.writeString(tokens, TOKEN, StandardCharsets.UTF_16LE);
        assertTrue(assertThrows(StartException.class, () -> TestNode.alone("-tokenfile=" + tokens))
                .getMessage().contains("it is UTF-16 without a byte order mark; save it as UTF-8"));
    }
}
