package io.parallaxfleet.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.quickstart.observe.ClassStory;
import io.parallaxfleet.quickstart.observe.StoryReport;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One run of the demo, told as it happens. */
final class DemoRun {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final Duration STATUS_EVERY = Duration.ofSeconds(10);
    private static final Duration WARM_UP_STATUS_EVERY = Duration.ofSeconds(5);
    /** Models of the user's own may take long to prepare; more than this is a hang. */
    private static final Duration READY_WITHIN = Duration.ofMinutes(10);

    private final DemoOptions options;
    private final Optional<Duration> duration;
    private final UntilEnd end;
    private final Narrator narrator;
    private final Map<String, Long> epochsTold = new HashMap<>();
    private final Map<String, Integer> applicationsTold = new HashMap<>();

    /** @param end says when the process is asked to end; the caller closes it */
    DemoRun(DemoOptions options, Optional<Duration> duration, UntilEnd end, Narrator narrator) {
        this.options = options;
        this.duration = duration;
        this.end = end;
        this.narrator = narrator;
    }

    /** Runs until the duration is over or the process is asked to end; true when every component lived until then. */
    boolean run() throws InterruptedException {
        try (DemoSystem system = DemoSystem.start(options, narrator::say, end::isAsked)) {
            Optional<String> casualty = awaitReady(system);
            if (casualty.isEmpty() && !end.isAsked()) {
                announce(system);
                casualty = watch(system);
            }
            summarise(system, casualty);
            narrator.say("ending the components");
            return casualty.isEmpty();
        } catch (StartupException e) {
            if (!end.isAsked()) {
                throw e;
            }
            // Ctrl-C reaches the agents as well: what did not start then did not fail.
            narrator.say("ended before everything had started");
            return true;
        }
    }

    private Optional<String> awaitReady(DemoSystem system) throws InterruptedException {
        double nextStatus = narrator.seconds() + WARM_UP_STATUS_EVERY.toSeconds();
        double deadline = narrator.seconds() + READY_WITHIN.toSeconds();
        while (announcedDevices(system) < system.devices()) {
            if (end.await(LOOK_EVERY)) {
                return Optional.empty();
            }
            if (system.casualty().isPresent()) {
                return accident(system);
            }
            if (narrator.seconds() > deadline) {
                return Optional.of("the devices did not announce themselves within " + READY_WITHIN.toMinutes() + " min");
            }
            if (narrator.seconds() >= nextStatus) {
                nextStatus += WARM_UP_STATUS_EVERY.toSeconds();
                narrator.say(announcedDevices(system) + " of " + system.devices() + " devices are there");
                system.processes().forEach(process ->
                        process.lastLine().ifPresent(line -> narrator.more(process.name() + ": " + line)));
            }
        }
        return Optional.empty();
    }

    private static int announcedDevices(DemoSystem system) {
        return system.observer().stories().stream().mapToInt(ClassStory::devices).sum();
    }

    private void announce(DemoSystem system) {
        ObjectNode fields = new ObjectMapper().createObjectNode();
        fields.put("bootstrap", system.bootstrap()).put("registry", system.registryUrl().toString());
        system.dashboard().ifPresent(uri -> fields.put("dashboard", uri.toString()));
        narrator.event("ready", fields);
        narrator.say("ready: broker " + system.bootstrap() + ", registry " + system.registryUrl()
                + system.dashboard().map(uri -> ", dashboard " + uri).orElse(", no dashboard"));
        narrator.more("figures come with the first window; "
                + duration.map(time -> "ends by itself after " + time.toSeconds() + " s").orElse("Ctrl-C ends it with a summary"));
    }

    /** Why a component died; empty where the process is asked to end, which Ctrl-C asks the agents as well. */
    private Optional<String> accident(DemoSystem system) throws InterruptedException {
        return end.await(LOOK_EVERY) ? Optional.empty() : system.casualty();
    }

    private Optional<String> watch(DemoSystem system) throws InterruptedException {
        double start = narrator.seconds();
        double deadline = duration.map(time -> start + time.toMillis() * 1e-3).orElse(Double.POSITIVE_INFINITY);
        double nextStatus = start + STATUS_EVERY.toSeconds();
        while (narrator.seconds() < deadline) {
            if (end.await(LOOK_EVERY)) {
                return Optional.empty();
            }
            if (system.casualty().isPresent()) {
                return accident(system);
            }
            List<ClassStory> stories = system.observer().stories();
            stories.forEach(this::tellNews);
            if (narrator.seconds() >= nextStatus) {
                nextStatus += STATUS_EVERY.toSeconds();
                narrator.event("status", StoryReport.json(stories));
                stories.forEach(story -> status(system, story));
            }
        }
        return Optional.empty();
    }

    private void tellNews(ClassStory story) {
        if (story.policyAfter().isPresent()
                && epochsTold.getOrDefault(story.deviceClass(), story.epochBefore()) < story.epochAfter()) {
            epochsTold.put(story.deviceClass(), story.epochAfter());
            applicationsTold.remove(story.deviceClass());
            narrator.say(story.deviceClass() + " " + story.label() + ": the fleet published epoch " + story.epochAfter() + ": "
                    + story.policyAfter().get().describe());
            story.reason().ifPresent(narrator::more);
        }
        if (story.applied() > applicationsTold.getOrDefault(story.deviceClass(), 0)) {
            applicationsTold.put(story.deviceClass(), story.applied());
            narrator.say(story.deviceClass() + " " + story.label() + ": " + story.applied() + " of " + story.devices()
                    + " devices applied epoch " + story.epochAfter() + " and re-planned");
        }
    }

    private void status(DemoSystem system, ClassStory story) {
        narrator.say(story.deviceClass() + " " + story.label() + ": epoch " + story.epochAfter() + " ("
                + story.policyAfter().orElse(story.policyBefore()).describe() + "), " + StoryReport.samples(story));
        String latencies = system.observer().latestWindows(story.deviceClass()).values().stream()
                .map(window -> String.format(Locale.ROOT, "%s %.2f ms", window.getModel(), window.getLatencyP50Nanos() / 1e6))
                .collect(Collectors.joining(", "));
        narrator.more(latencies.isEmpty() ? "no window with valid samples yet" : "p50 now: " + latencies);
        story.decision().ifPresent(narrator::more);
    }

    private void summarise(DemoSystem system, Optional<String> casualty) {
        List<ClassStory> stories = system.observer().stories();
        narrator.plain("");
        narrator.plain(String.format(Locale.ROOT, "Summary after %.0f s", narrator.seconds()));
        StoryReport.text(stories).forEach(narrator::plain);
        if (system.observer().deadLetters() > 0) {
            narrator.plain(system.observer().deadLetters() + " records could not be used and are in parallax.dead-letters");
        }
        casualty.ifPresent(why -> narrator.plain("A component died: " + why));
        ObjectNode summary = StoryReport.json(stories);
        summary.put("deadLetters", system.observer().deadLetters());
        casualty.ifPresent(why -> summary.put("casualty", why));
        narrator.event("summary", summary);
    }
}
