// What libtenon.so offers to other programs; everything else stays inside it.
#pragma once

#define TENON_EXPORT __attribute__((visibility("default")))
