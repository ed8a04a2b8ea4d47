'use strict';

module.exports = {
  ...require('./money'),
  ...require('./total'),
  ...require('./slug'),
  ...require('./invoice'),
};
