// The hazards layer: each missing edge is found on every run, each present one is silent.
#include "layers/hazards.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "device/backend.hpp"
#include "device/buffer.hpp"
#include "device/communicator.hpp"
#include "device/device.hpp"
#include "device/event.hpp"
#include "device/graph.hpp"
#include "device/status.hpp"
#include "device/stream.hpp"
#include "device/tensor.hpp"
#include "fake_device.hpp"

namespace tenon {
namespace {

class Hazards : public testing::Test {
 protected:
  explicit Hazards(HazardMode mode = HazardMode::report)
      : layer_((reset_fake(),
                make_hazard_layer(DeviceTable(fake_table(), "fake"), mode,
                                  [this](const std::string& text) { reports.push_back(text); }))),
        host_{},
        backend(layer_->table(), host_, {}),
        device(backend.open(0)),
        compute(device.create_stream("compute")),
        copy(device.create_stream("copy")),
        buffer(device.allocate(1024)),
        other(device.allocate(1024)) {}

  tn_add_args add(uint64_t a, uint64_t b, uint64_t output) const {
    tn_add_args args{};
    args.struct_size = sizeof args;
    args.a = at(a);
    args.b = at(b);
    args.output = at(output);
    return args;
  }
  tn_tensor at(uint64_t offset) const {
    const int64_t shape[] = {1, 16};
    return row_major_tensor(TN_DTYPE_F32, shape, buffer.get(), offset);
  }
  // Tells for the one report that was made.
  void expect_report(std::initializer_list<const char*> parts) {
    ASSERT_EQ(reports.size(), 1U) << (reports.empty() ? "" : reports.back());
    for (const char* part : parts)
      EXPECT_NE(reports[0].find(part), std::string::npos) << part << " in: " << reports[0];
  }
  void order(const Stream& first, const Stream& second) {
    const Event event = device.create_event();
    first.record(event);
    second.wait(event);
  }

  std::vector<std::string> reports;

 private:
  std::unique_ptr<Layer> layer_;
  tn_host host_;

 public:
  Backend backend;
  Device device;
  Stream compute;
  Stream copy;
  Buffer buffer;
  Buffer other;
};

TEST_F(Hazards, ReadAfterWriteNamesBothAndTheMissingEdge) {
  copy.fill(buffer, 0, 64, 0, 4);
  compute.enqueue(add(0, 64, 128));
  expect_report({"read after write", "'add' (#1 on stream 'compute') reads a", "'fill' (#1 on",
                 "stream 'copy'", "missing edge"});
}

TEST_F(Hazards, WriteAfterReadAndWriteAfterWrite) {
  compute.enqueue(add(0, 64, 128));
  copy.fill(buffer, 64, 64, 0, 4);
  expect_report({"write after read", "'fill'", "'add'"});
  reports.clear();
  copy.fill(buffer, 128, 4, 0, 4);
  expect_report({"write after write"});
}

TEST_F(Hazards, AnEventOrdersThem) {
  copy.fill(buffer, 0, 64, 0, 4);
  order(copy, compute);
  compute.enqueue(add(0, 64, 128));
  EXPECT_TRUE(reports.empty()) << reports[0];
}

TEST_F(Hazards, OrderPassesThroughAThirdStream) {
  const Stream middle = device.create_stream("middle");
  copy.fill(buffer, 0, 64, 0, 4);
  order(copy, middle);
  order(middle, compute);
  compute.enqueue(add(0, 64, 128));
  EXPECT_TRUE(reports.empty()) << reports[0];
}

TEST_F(Hazards, AWaitBindsToTheRecordBeforeIt) {
  const Event event = device.create_event();
  copy.record(event);
  compute.wait(event);
  copy.fill(buffer, 0, 64, 0, 4);
  copy.record(event);  // after the wait: orders nothing for it
  compute.enqueue(add(0, 64, 128));
  expect_report({"read after write"});
}

TEST_F(Hazards, WhatTheHostWaitedForIsOrdered) {
  copy.fill(buffer, 0, 64, 0, 4);
  copy.synchronize();
  compute.enqueue(add(0, 64, 128));
  EXPECT_TRUE(reports.empty()) << reports[0];
  const Event event = device.create_event();
  copy.fill(other, 0, 64, 0, 4);
  copy.record(event);
  event.synchronize();
  compute.fill(other, 0, 64, 1, 4);
  EXPECT_TRUE(reports.empty()) << reports[0];
}

TEST_F(Hazards, ReadsAndSeparateBytesAreFine) {
  compute.enqueue(add(0, 64, 128));
  copy.enqueue(add(0, 64, 192));
  copy.fill(buffer, 256, 64, 0, 4);
  compute.fill(other, 0, 64, 0, 4);
  EXPECT_TRUE(reports.empty()) << reports[0];
}

TEST_F(Hazards, APrefetchIsAHintButItsMemoryIsNot) {
  copy.fill(buffer, 0, 64, 0, 4);
  compute.prefetch(at(0), 0, 64);  // may read what is being written
  EXPECT_TRUE(reports.empty()) << reports[0];
  const Stream third = device.create_stream("third");
  order(copy, third);
  third.fill(buffer, 0, 64, 1, 4);
  expect_report({"write under a prefetch", "'prefetch' (#1 on stream 'compute')"});
}

TEST_F(Hazards, FreeingUnderWorkIsFound) {
  {
    const Buffer weight = device.allocate(64);
    tn_tensor tensor = at(0);
    tensor.buffer = weight.get();
    compute.prefetch(tensor, 0, 64);
  }
  expect_report({"freed under work", "'prefetch'", "synchronise with stream 'compute'"});
}

// As the prefetch wrapper does it: a fork, the prefetch, a join.
class PrefetchedWeight : public Hazards {
 protected:
  void fork() {
    order(compute, copy);
    tn_tensor tensor = at(0);
    tensor.buffer = weight.get();
    copy.prefetch(tensor, 0, 64);
  }
  Buffer weight = device.allocate(64);
};

TEST_F(PrefetchedWeight, FreedAfterTheJoinHasPassed) {
  fork();
  order(copy, compute);
  compute.synchronize();
  weight = Buffer();
  EXPECT_TRUE(reports.empty()) << reports[0];
}

TEST_F(PrefetchedWeight, FreedWithoutAJoin) {
  fork();
  compute.synchronize();
  weight = Buffer();
  expect_report({"freed under work", "'prefetch'", "synchronise with stream 'copy'"});
}

TEST_F(PrefetchedWeight, FreedBeforeTheJoinHasPassed) {
  fork();
  order(copy, compute);
  weight = Buffer();
  expect_report({"freed under work", "'prefetch'"});
}

TEST_F(PrefetchedWeight, FreedUnderALaunchThatPrefetchesIt) {
  compute.begin_capture();
  fork();
  order(copy, compute);
  const Graph graph = compute.end_capture();
  graph.launch(compute);
  weight = Buffer();
  expect_report({"freed under work", "'graph_launch'"});
  compute.synchronize();
}

TEST_F(Hazards, FreeingAfterSynchronisingIsFine) {
  {
    const Buffer weight = device.allocate(64);
    compute.fill(weight, 0, 64, 0, 4);
    compute.synchronize();
  }
  EXPECT_TRUE(reports.empty()) << reports[0];
}

TEST_F(Hazards, ALaunchTouchesWhatItsNodesTouch) {
  compute.begin_capture();
  compute.enqueue(add(0, 64, 128));
  const Graph graph = compute.end_capture();
  EXPECT_TRUE(reports.empty()) << reports[0];
  copy.fill(buffer, 0, 4, 0, 4);
  graph.launch(compute);
  expect_report({"read after write", "'graph_launch'", "'fill'"});
}

TEST_F(Hazards, AForkInsideACaptureNeedsItsEdges) {
  const Event fork = device.create_event();
  compute.begin_capture();
  compute.record(fork);
  copy.wait(fork);
  copy.fill(buffer, 0, 64, 0, 4);
  compute.enqueue(add(0, 64, 128));
  expect_report({"read after write", "'add'", "'fill'"});
  const Event join = device.create_event();
  copy.record(join);
  compute.wait(join);
  compute.end_capture();
}

class AbortingHazards : public Hazards {
 protected:
  AbortingHazards() : Hazards(HazardMode::abort) {}
};

TEST_F(AbortingHazards, RefusesTheCallThatCompletesTheHazard) {
  copy.fill(buffer, 0, 64, 0, 4);
  try {
    compute.enqueue(add(0, 64, 128));
    ADD_FAILURE() << "nothing was refused";
  } catch (const DeviceError& error) {
    EXPECT_EQ(error.status(), TN_INVALID_STATE);
    EXPECT_NE(std::string(error.what()).find("[hazards] read after write"), std::string::npos);
  }
  EXPECT_EQ(fake().count("op_enqueue"), 0);
}

}  // namespace
}  // namespace tenon
