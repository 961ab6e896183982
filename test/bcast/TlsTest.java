package bcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import bcast.base.Log;
import bcast.base.StartException;
import bcast.base.WatchedFile;
import bcast.http.CertificateFiles;
import bcast.http.Certificates;
import bcast.testing.Await;
import bcast.testing.TestClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients over HTTPS; certificates are made by openssl. */
final class TlsTest {

    private static final String CONVERT =
            "openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pem";

    @TempDir
    Path dir;

    @BeforeEach
    void openssl() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "needs openssl");
    }

    private void run(String command) throws Exception {
        Process process = new ProcessBuilder(command.split(" ")).directory(dir.toFile())
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), command + ": " + said);
    }

    private void newPair(String kind, String name) throws Exception {
        run("openssl req -x509 -nodes -days 2 -subj /CN=" + name + " -addext "
                + "subjectAltName=IP:127.0.0.1 -newkey " + kind + " -keyout key -out cert");
    }

    private String[] flags() {
        return new String[] {"-tlscert=" + dir.resolve("cert"), "-tlskey=" + dir.resolve("key")};
    }

    /** A connection to who shows the certificate in the file, and to nobody else. */
    private SSLSocket connect(int port) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("node", CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        Files.readAllBytes(dir.resolve("cert")))));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(
                TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String get(Socket socket) throws IOException {
        socket.getOutputStream().write(
                "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(
                        StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private String shown(int port) throws Exception {
        try (SSLSocket socket = connect(port)) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal().getName();
        } catch (javax.net.ssl.SSLHandshakeException other) {
            return "another one";
        }
    }

    @Test
    void aSlowReaderOfEventsIsNotCut() throws Exception {
        newPair("ec -pkeyopt ec_paramgen_curve:P-256", "node");
        try (TestNode node = TestNode.alone(flags())) {
            SlowEventsTest.readSlowly(node, connect(node.port()), 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256", "ed25519"})
    void httpsIsServed(String kind) throws Exception {
        newPair(kind, "node");
        try (TestNode node = TestNode.alone(flags())) {
            for (String protocol : new String[] {"TLSv1.3", "TLSv1.2"}) {
                try (SSLSocket socket = connect(node.port())) {
                    socket.setEnabledProtocols(new String[] {protocol});
                    assertTrue(get(socket).startsWith("HTTP/1.1 200"));
                }
            }
            try (Socket plain = new Socket("127.0.0.1", node.port())) {
                plain.setSoTimeout(10_000);
                assertTrue(!get(plain).contains("200"), "nothing without TLS");
            }
            assertTrue(node.log.stream().anyMatch(line -> line.contains("https://127.0.0.1:")));
        }
    }

    @Test
    void aNewPairIsTakenOnceItFits() throws Exception {
        newPair("rsa:2048", "old");
        try (TestNode node = TestNode.alone(flags())) {
            assertEquals("CN=old", shown(node.port()));
            Path key = dir.resolve("key");
            Path oldCert = Files.copy(dir.resolve("cert"), dir.resolve("old-cert"));
            byte[] oldKey = Files.readAllBytes(key);
            newPair("rsa:2048", "new");
            byte[] newKey = Files.readAllBytes(key);
            Files.write(key, oldKey);
            Await.until("it says that they do not fit", 10, () -> {
                shown(node.port());
                return node.log.stream().anyMatch(line -> line.contains("still get the old"));
            });
            Files.write(key, newKey);
            Await.until("clients get the new one", 10,
                    () -> shown(node.port()).equals("CN=new"));
            assertTrue(Files.exists(oldCert));
        }
    }

    @Test
    void aHandshakeThatHasBegunKeepsItsPair() throws Exception {
        newPair("rsa:2048", "old");
        TestClock clock = TestClock.standing(0);
        List<String> log = new ArrayList<>();
        Log to = new Log(Log.Level.INFO, clock, log::add);
        WatchedFile<List<X509Certificate>> certFile = new WatchedFile<>(dir.resolve("cert"),
                CertificateFiles::certificates, to);
        WatchedFile<PrivateKey> keyFile = new WatchedFile<>(dir.resolve("key"),
                CertificateFiles::key, to);
        Certificates served = new Certificates(certFile, keyFile, to);
        String begun = served.chooseEngineServerAlias("RSA", null, null);
        X509Certificate chain = served.getCertificateChain(begun)[0];
        PrivateKey key = served.getPrivateKey(begun);
        newPair("rsa:2048", "new");
        certFile.look();
        keyFile.look();
        String next = served.chooseEngineServerAlias("RSA", null, null);
        assertEquals("CN=new", served.getCertificateChain(next)[0].getSubjectX500Principal()
                .getName(), log::toString);
        assertEquals(chain, served.getCertificateChain(begun)[0]);
        assertEquals(key, served.getPrivateKey(begun));
        assertNotEquals(key, served.getPrivateKey(next));
    }

    private String cannotStart() {
        return assertThrows(StartException.class, () -> TestNode.alone(flags()).close())
                .getMessage();
    }

    @Test
    void whatCannotBeUsedSaysWhy() throws Exception {
        newPair("rsa:2048", "node");
        Path key = dir.resolve("key");
        byte[] good = Files.readAllBytes(key);
        run("openssl rsa -traditional -in key -out rsa");
        Files.copy(dir.resolve("rsa"), key, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertEquals("cannot use " + key + ": it is of the form RSA PRIVATE KEY; convert it: "
                + "openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pem; see -tlskey",
                cannotStart());
        run("openssl pkcs8 -topk8 -nocrypt -in rsa -out key");
        TestNode.alone(flags()).close();
        newPair("rsa:2048", "other");
        Files.write(key, good);
        assertTrue(cannotStart().endsWith("no certificate for this key"));
        Files.writeString(key, "nothing");
        assertEquals("cannot use " + key + ": no PRIVATE KEY in PEM; see -tlskey",
                cannotStart());
        String[][] conversions = {{"-traditional -aes128 -passout pass:word",
            "it holds an encrypted key, and this node has no password; convert it: " + CONVERT},
            {"-aes128 -passout pass:word", "it holds an encrypted key, and this node has no "
                + "password; convert it: " + CONVERT},
            {"-outform DER", "it is DER; convert it: " + CONVERT + " -inform DER"}};
        for (String[] each : conversions) {
            run("openssl rsa -in rsa -out key " + each[0]);
            assertTrue(cannotStart().contains(each[1]), cannotStart());
        }
        Files.writeString(key, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"
                + "-----END OPENSSH PRIVATE KEY-----\n");
        assertTrue(cannotStart().contains("convert a copy: ssh-keygen -p -m PKCS8 -f COPY"));
        Files.delete(key);
        assertEquals("cannot read " + key + ": no such file or directory; see -tlskey",
                cannotStart());
        Files.writeString(dir.resolve("cert"), "nothing");
        assertTrue(cannotStart().toLowerCase(Locale.ROOT).contains("no certificate in pem"));
    }
}
