package io.parallaxfleet.quickstart.faults;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.registry.EmbeddedSchemaRegistry;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.TopicSchemaStore;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Kills processes of a whole system, each within seconds of new thresholds setting out to one class and while another goes through the
 * stages of a rollout that the job made by itself, and counts afterwards: three brokers, ZooKeeper, a JobManager, two TaskManagers, two
 * simulated fleets and a real device agent, each a process of its own. One thread.
 */
public final class FaultRun implements AutoCloseable {
    private static final Duration WINDOW = Duration.ofSeconds(5);
    /** More than any process is down here: what an agent kept on its disk meanwhile must not come late, which is counted elsewhere. */
    private static final Duration OUT_OF_ORDERNESS = Duration.ofSeconds(40);
    private static final Duration PATIENCE = Duration.ofMinutes(6);
    private static final Duration RECOVERY_PATIENCE = Duration.ofMinutes(5);

    private final FaultSettings settings;
    private final Consumer<String> progress;
    private final Clock clock = Clock.systemUTC();
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final InferenceTally tally = new InferenceTally();
    private final EpochAudit epochs = new EpochAudit();
    private final Steering steering = new Steering();
    private final StagedClass staged = new StagedClass();
    private final List<FaultReport.Death> deaths = new ArrayList<>();
    private KafkaCluster kafka;
    private FlinkCluster flink;
    private SchemaRegistry registry;
    private InferenceTelemetry template;
    private FaultDevices devices;
    private Redelivery redelivery;
    private TopicFollower<InferenceTelemetry> telemetry;
    private TopicFollower<ClassAggregate> aggregates;
    private TopicFollower<ThresholdUpdate> thresholds;
    private TopicFollower<ThresholdAck> acks;
    private TopicFollower<RolloutEvent> rollouts;

    private FaultRun(FaultSettings settings, Consumer<String> progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Runs it all and ends every process, also when it fails.
     *
     * @param progress takes a line for each step
     * @throws FaultRunException when something does not come back
     */
    public static FaultReport run(FaultSettings settings, Consumer<String> progress) throws IOException, InterruptedException {
        try (FaultRun run = new FaultRun(settings, progress)) {
            run.start();
            run.awaitRollout();
            for (FaultSchedule.Kill kill : FaultSchedule.seeded(settings.seed(), settings.rounds()).kills()) {
                run.suffer(kill);
            }
            return run.settle();
        }
    }

    private void start() throws IOException, InterruptedException {
        progress.accept("starting three brokers");
        kafka = own(KafkaCluster.start(settings.directory(), settings.quickstartJar(), settings.ports().subList(0, 2 * FaultSettings.BROKERS)));
        EmbeddedSchemaRegistry server = own(EmbeddedSchemaRegistry.start(
                TopicSchemaStore.open(Map.of("bootstrap.servers", kafka.bootstrap()), Optional.of((short) FaultSettings.BROKERS)), 0));
        registry = new HttpSchemaRegistry(server.url());
        TopicCatalogue.createMissing(kafka.admin(), Optional.of((short) FaultSettings.BROKERS));
        Eventually.holds(PATIENCE, "the replicas of the topics", kafka::isInSync, () -> "");
        progress.accept("starting ZooKeeper, a JobManager and two TaskManagers");
        flink = own(FlinkCluster.start(settings.directory().resolve("flink"), settings.quickstartJar(),
                settings.ports().get(2 * FaultSettings.BROKERS), settings.ports().get(2 * FaultSettings.BROKERS + 1)));
        List<String> connection = List.of("--bootstrap", kafka.bootstrap(), "--registry", server.url().toString());
        flink.submit(settings.jobJar(), jobArguments(connection));
        Eventually.holds(PATIENCE, "the running job", flink::jobRuns, () -> flink.jobManager().lastLines());
        progress.accept("the job runs; starting " + settings.devices() + " simulated devices and an agent");
        redelivery = own(new Redelivery(kafka.bootstrap()));
        telemetry = own(new TopicFollower<>(kafka.bootstrap(), registry, Topic.TELEMETRY, InferenceTelemetry.class, this::sent));
        aggregates = own(new TopicFollower<>(kafka.bootstrap(), registry, Topic.AGGREGATES, ClassAggregate.class, this::counted));
        thresholds = own(new TopicFollower<>(kafka.bootstrap(), registry, Topic.THRESHOLDS, ThresholdUpdate.class,
                (update, record) -> epochs.published(update)));
        acks = own(new TopicFollower<>(kafka.bootstrap(), registry, Topic.THRESHOLD_ACKS, ThresholdAck.class,
                (ack, record) -> epochs.acknowledged(ack)));
        rollouts = own(new TopicFollower<>(kafka.bootstrap(), registry, Topic.ROLLOUTS, RolloutEvent.class,
                (event, record) -> heard(event)));
        devices = own(FaultDevices.start(settings, connection));
    }

    private void heard(RolloutEvent event) {
        steering.heard(event);
        staged.heard(event);
    }

    private void sent(InferenceTelemetry record, ConsumerRecord<byte[], byte[]> raw) {
        if (!record.getDeviceClass().equals(Closers.DEVICE_CLASS)) {
            tally.sent(record);
            redelivery.remember(raw);
            template = record.getSimulated() && !record.getDeviceClass().equals(StagedClass.DEVICE_CLASS) ? record : template;
        }
    }

    private void counted(ClassAggregate window, ConsumerRecord<byte[], byte[]> raw) {
        if (!window.getDeviceClass().equals(Closers.DEVICE_CLASS)) {
            tally.counted(window);
        }
    }

    private static List<String> jobArguments(List<String> connection) {
        List<String> arguments = new ArrayList<>(connection);
        arguments.addAll(List.of("--window", WINDOW.toSeconds() + "s", "--out-of-orderness", OUT_OF_ORDERNESS.toSeconds() + "s",
                "--idleness", OUT_OF_ORDERNESS.toSeconds() + "s", "--fit-interval", "10s", "--look-interval", "10s", "--checkpoint-interval", "1s",
                "--transaction-timeout", "10m"));
        return arguments;
    }

    private void awaitRollout() {
        Eventually.holds(PATIENCE, "a first stage of a rollout that the job makes by itself", () -> {
            catchUp();
            return staged.underWay().isPresent() && template != null;
        }, () -> tally.sent() + " inferences sent, " + tally.counted() + " counted; " + devices.fleet().lastLines());
        progress.accept("a rollout is under way after " + tally.sent() + " inferences");
    }

    private void suffer(FaultSchedule.Kill kill) {
        Eventually.pause(kill.after());
        awaitStage();
        ask(steering.next(template.getDeviceClass(), template.getSimulated(), clock.instant()));
        Eventually.pause(kill.into());
        catchUp();
        Optional<Integer> stage = staged.underWay();
        JavaProcess victim = victim(kill);
        victim.kill();
        progress.accept("killed " + victim.name() + " " + kill.into().toMillis() + " ms after new thresholds were asked for"
                + stage.map(perMille -> ", the job's own rollout at " + perMille / 10 + " %").orElse(", between rollouts of the job's own"));
        long killed = System.nanoTime();
        if (kill.victim() == Victim.FLEET || kill.victim() == Victim.AGENT) {
            // What a device sends again because it does not know whether it was taken.
            redelivery.sendAgain();
        }
        Eventually.pause(kill.down());
        victim.startAgain();
        Eventually.holds(RECOVERY_PATIENCE, "all slots", flink::hasAllSlots, flink.jobManager()::lastLines);
        Eventually.holds(RECOVERY_PATIENCE, "the replicas", kafka::isInSync, victim::lastLines);
        Eventually.holds(RECOVERY_PATIENCE, "the running job", flink::jobRuns, flink.jobManager()::lastLines);
        long before = flink.completedCheckpoints();
        Eventually.holds(RECOVERY_PATIENCE, "a checkpoint", () -> flink.completedCheckpoints() > before, flink.jobManager()::lastLines);
        Duration recovery = Duration.ofNanos(System.nanoTime() - killed);
        deaths.add(new FaultReport.Death(victim.name(), recovery, stage));
        catchUp();
        progress.accept("all is whole again after " + recovery.toMillis() / 1000 + " s; " + tally.sent() + " inferences so far");
    }

    /** The job has a rollout in stages under way; where its last one is over it gets reason for another. */
    private void awaitStage() {
        Eventually.holds(PATIENCE, "a rollout in stages", () -> {
            catchUp();
            // It may end at any time, also while the next one is waited for.
            if (staged.takeEnd()) {
                progress.accept("the job's own rollout is over; waiting for another");
                steering.again(StagedClass.DEVICE_CLASS, clock.instant()).forEach(this::ask);
            }
            return staged.underWay().isPresent();
        }, () -> staged.rollouts() + " rollouts so far; " + devices.stagedFleet().lastLines());
    }

    private void ask(RolloutCommand command) {
        String topic = Topic.ROLLOUT_COMMANDS.topicName();
        redelivery.send(topic, 0, command.getDeviceClass().getBytes(StandardCharsets.UTF_8),
                new AvroRecordSerializer<RolloutCommand>(registry).serialize(topic, command));
    }

    private JavaProcess victim(FaultSchedule.Kill kill) {
        return switch (kill.victim()) {
            case TASK_MANAGER -> flink.taskManagers().get(kill.index() % FlinkCluster.TASK_MANAGERS);
            case JOB_MANAGER -> flink.jobManager();
            case BROKER -> kafka.brokers().get(kill.index() % FaultSettings.BROKERS);
            case FLEET -> devices.fleet();
            case AGENT -> devices.agent();
        };
    }

    /** Lets the devices end in order, closes every window, and compares. */
    private FaultReport settle() {
        Eventually.pause(WINDOW);
        devices.end();
        progress.accept("the devices have ended; waiting for the last windows");
        Eventually.pause(OUT_OF_ORDERNESS.plus(WINDOW).plusSeconds(1));
        Eventually.holds(PATIENCE, "the end of the telemetry", telemetry::catchUp, () -> tally.sent() + " inferences so far");
        Closers closers = new Closers(redelivery, registry, template);
        try {
            Eventually.holds(PATIENCE, "the last window", () -> {
                closers.send(clock.instant());
                catchUp();
                return tally.counted() >= tally.sent() && steering.allAnswered();
            }, () -> tally.counted() + " of " + tally.sent() + " inferences are counted");
        } catch (FaultRunException incomplete) {
            // The report says by how much.
            progress.accept(incomplete.getMessage());
        }
        // Whatever would be counted twice comes now.
        Eventually.pause(WINDOW);
        catchUp();
        List<String> differences = new ArrayList<>(tally.differences());
        differences.addAll(epochs.differences(1 + settings.rounds()));
        differences.addAll(steering.differences());
        return new FaultReport(settings.seed(), deaths, steering.commands(), staged.rollouts(), tally.sent(), tally.counted(), tally.redelivered(), tally.windows(),
                epochs.publishedEpochs(), epochs.applications(), differences);
    }

    private void catchUp() {
        List.of(telemetry, aggregates, thresholds, acks, rollouts).forEach(TopicFollower::catchUp);
    }

    private <C extends AutoCloseable> C own(C component) {
        running.push(component);
        return component;
    }

    @Override
    public void close() {
        while (!running.isEmpty()) {
            AutoCloseable component = running.pop();
            try {
                component.close();
            } catch (Exception e) {
                // AutoCloseable declares Exception; the others must still be closed.
                progress.accept("closing " + component.getClass().getSimpleName() + " failed: " + e);
            }
        }
    }
}
