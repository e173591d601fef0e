package io.parallaxfleet.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(300)
class DashboardCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new DashboardCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private String lastLine() {
        return err.toString().lines().reduce((first, second) -> second).orElse("");
    }

    @Test
    void explainsItself() {
        assertEquals(0, run("--help"));
        for (String option : new String[] {"--bootstrap", "--registry", "--port", "--bind", "--json"}) {
            assertTrue(out.toString().contains(option), option);
        }
    }

    @Test
    void saysWhichBrokerDoesNotAnswer() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        assertEquals(1, run("--bootstrap", "127.0.0.1:" + closed, "--port", "0"));
        assertTrue(lastLine().contains("no Kafka broker answers at 127.0.0.1:" + closed), err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void saysThatThePortIsTakenBeforeItLooksForTheBroker() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertEquals(1, run("--bootstrap", "127.0.0.1:1", "--port", String.valueOf(taken.getLocalPort())));
            assertTrue(lastLine().contains("cannot listen on 127.0.0.1:" + taken.getLocalPort()), err.toString());
        }
    }

    @Test
    void refusesABootstrapAddressWithoutAPort() {
        assertEquals(1, run("--bootstrap", "nonsense", "--port", "0"));
        assertTrue(lastLine().contains("nonsense"), err.toString());
    }

    @Test
    void refusesADurationThatIsNone() {
        assertEquals(2, run("--duration", "soon", "--port", "0"));
        assertTrue(err.toString().contains("'soon' is not a duration; write e.g. 90s, 2m or 1h"), err.toString());
    }

    @Test
    void refusesARegistryThatIsNoUrlOfTheWeb() {
        assertEquals(1, run("--registry", "file:/schemas", "--port", "0"));
        assertTrue(lastLine().contains("file:/schemas"), err.toString());
    }

    @Test
    void refusesAPortThatIsNone() {
        assertEquals(1, run("--port", "70000"));
        assertTrue(lastLine().contains("70000"), err.toString());
    }
}
