package io.parallaxfleet.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.net.URI;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

/** A job that begins on a backlog and reads all of it before its source of plans has read one. */
class BacklogTopologyTest {
    // Two hundred of each device, several times what waits for a plan.
    private static final long RECORDS = 5000;

    @Test
    void noBranchIsLostOfInferencesWhosePlansWerePublishedBefore() throws Exception {
        SyntheticFleet fleet = new SyntheticFleet(1_760_000_000_000L, 25);
        JobOptions options = JobOptions.defaults("localhost:1", URI.create("http://localhost:2"));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
        FleetJob.configure(env, options);
        GeneratorFunction<Long, Intake> records = fleet::telemetry;
        FleetTopology.Outputs outputs = FleetTopology.connect(
                new FleetTopology.Inputs(
                        env.fromSource(new DataGeneratorSource<>(records, RECORDS, TypeInformation.of(Intake.class)),
                                new IntakeWatermarks(options.outOfOrderness(), options.idleness()), "backlog"),
                        Messages.none(env, PlanProfile.class), Messages.none(env, ThresholdAck.class),
                        Messages.none(env, ThresholdUpdate.class), Messages.none(env, RolloutCommand.class),
                        Messages.none(env, RolloutEvent.class)),
                options, new FleetTopology.Published(Map.of(), () -> fleet.plans(0, true)));
        CollectingSink<ClassAggregate> aggregates = new CollectingSink<>();
        outputs.aggregates().sinkTo(aggregates);
        env.execute("backlog");

        long branches = 0;
        for (long record = 0; record < RECORDS; record++) {
            branches += fleet.telemetry(record).inference().toTelemetry().getBranchLatencyNanos().size();
        }
        assertEquals(branches, aggregates.collected().stream().filter(a -> a.getBranch() != null && !a.getRollup())
                .mapToLong(ClassAggregate::getCount).sum());
    }
}
