package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void every_verb_explains_itself_and_has_a_form_for_machines() {
        for (CommandLine verb : leaves(Main.commandLine())) {
            List<String> options = verb.getCommandSpec().options().stream().map(option -> option.longestName()).toList();
            assertTrue(options.contains("--help"), verb.getCommandName() + " has no --help");
            assertTrue(options.contains("--json"), verb.getCommandName() + " has no --json");
        }
    }

    @Test
    void help_goes_to_standard_output() {
        assertEquals(0, run("topics", "--help"));
        assertTrue(out.toString().contains("Usage: parallax topics"), out.toString());
        assertEquals("", err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"N=3,F=1e99", "N=zero", "B/F=-1", "often", "N", ""})
    void unparsable_or_out_of_range_thresholds_are_one_line_and_exit_code_2(String thresholds) {
        assertEquals(2, run("thresholds", "set", "--class", "x86", "--reason", "r", "--thresholds", thresholds));
        assertEquals(1, err.toString().strip().lines().count(), err.toString());
        assertTrue(err.toString().contains("--thresholds"), err.toString());
    }

    @ParameterizedTest
    @CsvSource({"--models,nosuch", "--profile,nosuch", "--agents,17", "--thresholds,often", "--explore,1"})
    void a_demo_that_could_not_run_is_one_line_that_names_the_option_before_anything_starts(String option, String value) {
        assertEquals(2, run("demo", option, value));
        assertEquals(1, err.toString().strip().lines().count(), err.toString());
        assertTrue(err.toString().contains(value) && err.toString().contains("demo --help"), err.toString());
        assertEquals("", out.toString());
    }

    @Test
    void an_unknown_option_is_one_line_and_exit_code_2() {
        assertEquals(2, run("topics", "--sideways"));
        assertEquals(1, err.toString().strip().lines().count(), err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pause", "resume", "promote", "abort", "pin", "unpin", "release"})
    void nobody_acts_on_a_rollout_without_a_reason(String verb) {
        assertEquals(2, run("rollout", verb, "sim-phone"));
        assertEquals(1, err.toString().strip().lines().count(), err.toString());
        assertTrue(err.toString().contains("--reason"), err.toString());
        assertEquals(2, run("rollout", verb, "sim-phone", "--reason", " "));
    }

    @Test
    void an_unusable_bootstrap_address_is_one_line_and_exit_code_1() {
        assertEquals(1, run("topics", "--bootstrap", "nowhere"));
        assertEquals(1, err.toString().strip().lines().count(), err.toString());
        assertTrue(err.toString().contains("nowhere"), err.toString());
    }

    private int run(String... arguments) {
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(out, true));
        commands.setErr(new PrintWriter(err, true));
        return commands.execute(arguments);
    }

    private static List<CommandLine> leaves(CommandLine commands) {
        return commands.getSubcommands().isEmpty()
                ? List.of(commands)
                : commands.getSubcommands().values().stream().flatMap(verb -> leaves(verb).stream()).toList();
    }
}
