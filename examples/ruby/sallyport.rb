# frozen_string_literal: true

# Sallyport for Ruby: verifies the access token in `Authorization: Bearer ...`. This is one file to copy. It needs the gem `jwt`.
#
#   # config.ru, or config.middleware.use in Rails
#   verifier = Sallyport::Verifier.new(
#     issuer: "https://auth.example.com",
#     audience: "my-api", # one of the names in SALLYPORT_AUDIENCE of the auth server
#     introspection: Sallyport::Introspection.new("https://auth.example.com/api/auth/introspect", ENV.fetch("SALLYPORT_VERIFIER_SECRET"))
#   )
#   use Sallyport::Guard, verifier
#
#   # in the app behind it
#   principal = env["sallyport.principal"]
#   principal.role?("finance", "owner")
#
# With `access: Sallyport::Access.read("access.json")` (from `sallyport access export`), the verifier knows the roles and permissions of the
# product. Make each requirement once, at the start, so that a misspelt name stops the start:
#
#   may_read_reports = verifier.requirement(permission: "report:read")
#   may_read_reports.met_by?(principal)
#
# Each token is first verified here, with keys that are fetched every ten minutes and for unknown key ids. Then the auth server is asked
# whether the token was revoked (RFC 7662). The response is used for five seconds. With `introspection: false`, which must be explicit, a
# token is accepted until it expires, which is an hour at most.
#
# The rules are those of RFC 8725, RFC 7515 and RFC 9068; the section numbers in the comments belong to them. Every invalid token gets
# `token_invalid`, without the reason. `token_expired` and `token_stale` ask the caller to refresh.

require "base64"
require "digest"
require "json"
require "jwt"
require "net/http"
require "openssl"
require "uri"
require "zlib"

module Sallyport
  LONGEST_TOKEN = 8192
  CLOCK_TOLERANCE_SECONDS = 5
  LONGEST_LIFE_SECONDS = 3600
  DEEPEST_NESTING = 16

  # Returns whether a value is a text of 1 to 255 UTF-16 units. All verifiers count in this unit.
  def self.identifier?(value)
    value.is_a?(String) && value.valid_encoding? && value.encode(Encoding::UTF_16LE).bytesize.between?(2, 510)
  end

  # 401. The code tells the client whether a refresh helps.
  class TokenRefused < StandardError
    attr_reader :code

    def initialize(code)
      @code = code
      super
    end
  end

  # 503: the token cannot be verified at the moment. The client must not sign out.
  class Unavailable < StandardError; end

  # 401 with the challenge of RFC 9470 section 3: the user must authenticate again, or with two factors.
  class AuthenticationInsufficient < StandardError
    attr_reader :acr, :max_age_seconds

    def initialize(acr: nil, max_age_seconds: nil)
      @acr = acr
      @max_age_seconds = max_age_seconds
      super("insufficient_user_authentication")
    end
  end

  # The verified caller. `acr` is "aal1" for one factor and "aal2" for two. `authenticated_at` is in seconds since 1970.
  Principal = Struct.new(:id, :session_id, :roles, :permissions, :acr, :authenticated_at, :organization_id, keyword_init: true) do
    # Returns whether the caller has at least one of these roles.
    def role?(*names)
      names.any? { |name| roles.include?(name) }
    end

    # Returns whether the caller has at least one of these permissions.
    def permission?(*names)
      names.any? { |name| permissions.include?(name) }
    end

    # Raises AuthenticationInsufficient unless the user authenticated in the last `max_age_seconds` seconds, and with the level `acr`.
    # Sallyport::Guard turns the error into the response.
    def step_up!(acr: nil, max_age_seconds: nil, now: Time.now.to_f)
      valid = [nil, "aal2"].include?(acr) && (max_age_seconds.nil? || (max_age_seconds.is_a?(Integer) && max_age_seconds.positive?))
      raise ArgumentError, 'step_up! takes acr: "aal2", max_age_seconds: with a positive whole number, or both.' unless valid && (acr || max_age_seconds)

      strong = acr.nil? || self.acr == acr
      recent = max_age_seconds.nil? || now - authenticated_at <= max_age_seconds
      raise AuthenticationInsufficient.new(acr: acr, max_age_seconds: max_age_seconds) unless strong && recent
    end
  end

  # A Rack middleware. It sets `env["sallyport.principal"]` to the caller.
  class Guard
    TITLES = { 401 => "Sign in first.", 503 => "Try again in a moment." }.freeze

    def initialize(app, verifier)
      @app = app
      @verifier = verifier
    end

    def call(env)
      scheme, token = env["HTTP_AUTHORIZATION"].to_s.b.split(" ", 2)
      return refuse(401, "token_missing") unless token && scheme.casecmp?("bearer")

      env["sallyport.principal"] = @verifier.verify(token)
      @app.call(env)
    rescue TokenRefused => e
      refuse(401, e.code)
    rescue AuthenticationInsufficient => e
      step_up(e)
    rescue Unavailable
      refuse(503, "unavailable")
    end

    private

    def step_up(error)
      challenge = ['Bearer error="insufficient_user_authentication"']
      challenge << "acr_values=\"#{error.acr}\"" if error.acr
      challenge << "max_age=\"#{error.max_age_seconds}\"" if error.max_age_seconds
      members = { acr: error.acr, maxAgeSeconds: error.max_age_seconds }.compact
      body = { title: "Confirm that it is you, then try again.", status: 401, code: error.message, **members }
      headers = { "content-type" => "application/problem+json", "cache-control" => "private, no-store", "www-authenticate" => challenge.join(", ") }
      [401, headers, [JSON.generate(body)]]
    end

    def refuse(status, code)
      headers = { "content-type" => "application/problem+json", "cache-control" => "private, no-store" }
      headers["www-authenticate"] = code == "token_missing" ? "Bearer" : 'Bearer error="invalid_token"' if status == 401
      headers["retry-after"] = "1" if status == 503
      [status, headers, [JSON.generate(title: TITLES[status], status: status, code: code)]]
    end
  end

  # The definition of the product's roles and permissions, from the JSON of `sallyport access export`. A token with the claim
  # `permissions_of: "roles"` gets the permissions of its roles from the definition. Raises ArgumentError if it is not a definition.
  class Access
    attr_reader :permissions, :roles

    def self.read(file)
      new(JSON.parse(File.read(file, encoding: "UTF-8")))
    rescue SystemCallError, JSON::ParserError => e
      raise ArgumentError, "access must be a file of `sallyport access export`: #{e.message}"
    end

    def initialize(definition)
      is_definition = definition.is_a?(Hash) && definition.length == 2 && text_list?(definition["permissions"]) && definition["roles"].is_a?(Hash)
      Settings.require_that(is_definition, "A definition has `permissions`, a list of names, and `roles`, which gives each role its permissions.")
      @permissions = definition["permissions"].dup.freeze
      @roles = definition["roles"].to_h { |role, held| [role, held == "*" ? @permissions : held_by(role, held)] }.freeze
    end

    # Returns the permissions of these roles, each of them once. A role that is not defined has none.
    def permissions_of(roles)
      roles.flat_map { |role| @roles.fetch(role, []) }.uniq
    end

    # Returns a sentence if there is no such role or permission (`kind`), or nil.
    def fault_of_name(kind, name)
      defined = kind == "role" ? @roles.keys : @permissions
      "There is no #{kind} #{JSON.generate(name)}.#{did_you_mean(name, defined)}" unless defined.include?(name)
    end

    private

    def held_by(role, held)
      Settings.require_that(text_list?(held), "The role #{role} must have a list of permissions, or '*' for all of them.")
      unknown = held.find { |name| !@permissions.include?(name) }
      Settings.require_that(unknown.nil?, "The role #{role} has #{unknown}, which `permissions` does not list.")
      held.dup.freeze
    end

    def text_list?(value)
      value.is_a?(Array) && value.all?(String)
    end

    # Returns the end of the sentence with the most similar name. At most a third of its characters, and at most three, may be wrong.
    def did_you_mean(name, known)
      nearest = nil
      fewest = [3, (name.length / 3.0).ceil].min + 1
      known.each do |candidate|
        changes = changes_between(name.downcase, candidate.downcase)
        nearest, fewest = candidate, changes if changes < fewest
      end
      nearest && " Did you mean #{nearest}?"
    end

    # Optimal string alignment: an insertion, a deletion, a replacement and a swap of two neighbours each count as one.
    def changes_between(one, other)
      before = []
      row = (0..other.length).to_a
      (1..one.length).each do |i|
        below = [i]
        (1..other.length).each do |j|
          same = one[i - 1] == other[j - 1]
          swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]
          below << [row[j] + 1, below[j - 1] + 1, row[j - 1] + (same ? 0 : 1), *(swapped ? before[j - 2] + 1 : nil)].min
        end
        before = row
        row = below
      end
      row.last
    end
  end

  # What a request needs: one of the roles, one of the permissions, or both. Make it with Verifier#requirement.
  Requirement = Struct.new(:roles, :permissions) do
    def met_by?(principal)
      (roles.empty? || principal.role?(*roles)) && (permissions.empty? || principal.permission?(*permissions))
    end
  end

  # Verifies tokens of one issuer for one audience. `clock` returns seconds since 1970.
  class Verifier
    def initialize(issuer:, audience:, introspection:, keys: nil, clock: -> { Time.now.to_f }, access: nil)
      Settings.require_address("issuer", issuer, plain: false)
      Settings.require_that(audience.is_a?(String) && audience != "", "audience must be the name of this API in the claim `aud` of the tokens.")
      Settings.require_that(introspection == false || introspection.respond_to?(:active?),
                            "introspection must be a Sallyport::Introspection; with false, tokens of ended sessions are accepted until they expire.")
      Settings.require_that(access.nil? || access.is_a?(Access), "access must be a Sallyport::Access, such as Sallyport::Access.read(\"access.json\").")
      @access = access
      @issuer = issuer
      @audience = audience
      @keys = keys || KeySet.new("#{issuer.delete_suffix("/")}/.well-known/jwks.json")
      @introspection = introspection
      @clock = clock
    end

    # Returns a Requirement. `role` and `permission` are a name or a list of names, of which one is enough. Raises ArgumentError if a name is
    # missing, or if the definition does not have it.
    def requirement(**asked)
      names = asked.transform_values { |given| given.is_a?(Array) ? given : [given] }
      valid = names.any? && (names.keys - %i[role permission]).empty? && names.values.all? { |list| list.any? && list.all? { |name| name.is_a?(String) && name != "" } }
      Settings.require_that(valid, 'requirement takes role: "finance", permission: "report:read", or lists of names.')
      faults = names.flat_map { |kind, list| list.filter_map { |name| @access&.fault_of_name(kind.to_s, name) } }
      Settings.require_that(faults.empty?, faults.first)
      Requirement.new(names.fetch(:role, []), names.fetch(:permission, [])).freeze
    end

    # Returns a Principal. Raises TokenRefused, or Unavailable if keys or revocations are not available.
    def verify(token)
      header, payload, signature = Token.take_apart(token)
      check_header(header)
      check_signature(token, signature, @keys.find(header["kid"]))
      claims = Token.parse_object(payload)
      now = @clock.call
      check_claims(claims, now)
      raise TokenRefused, "token_expired" if claims["exp"] <= now
      # The session may have ended, or only the token may be stale. The result of a refresh shows which is the case.
      raise TokenRefused, "token_stale" if @introspection && !@introspection.active?(token)

      Principal.new(id: claims["sub"], session_id: claims["sid"], roles: claims["roles"].freeze,
                    permissions: permissions_in(claims).freeze, acr: claims.fetch("acr", "aal1"),
                    authenticated_at: claims["auth_time"], organization_id: claims["org"]).freeze
    end

    private

    def permissions_in(claims)
      return claims["permissions"] if claims.key?("permissions")

      # Only the issuer knows whether the user has all permissions of the roles. Without its word, the user has none.
      @access && claims["permissions_of"] == "roles" ? @access.permissions_of(claims["roles"]) : []
    end

    # The algorithm is fixed here and never chosen by the token (RFC 8725 section 3.1). The type is explicit (section 3.11).
    def check_header(header)
      need header["alg"] == "ES256"
      need Sallyport.identifier?(header["kid"])
      need header["typ"].is_a?(String) && %w[at+jwt application/at+jwt].include?(header["typ"].downcase)
      # Extensions (RFC 7515 section 4.1.11) and nested tokens are not supported, so such tokens are refused.
      need %w[crit b64 cty].none? { |name| header.key?(name) }
    end

    # r and s have 32 bytes each. A library that pads or truncates them would accept several forms of one token (RFC 7518 section 3.4).
    def check_signature(token, signature, key)
      need key && signature.bytesize == 64
      JWT.decode(token, key, true, algorithms: ["ES256"], verify_expiration: false, verify_not_before: false)
    rescue JWT::DecodeError, OpenSSL::PKey::PKeyError
      raise TokenRefused, "token_invalid"
    end

    # RFC 9068 section 4; RFC 8725 sections 3.8 to 3.10.
    def check_claims(claims, now)
      need claims["iss"] == @issuer
      audiences = claims["aud"].is_a?(String) ? [claims["aud"]] : claims["aud"]
      tell_audience(audiences) unless text_list?(audiences) && audiences.include?(@audience)
      # Everybody can be the owner of an organization, so tokens for one have an audience of their own.
      need claims.key?("org") == @audience.end_with?("/organization")
      need !claims.key?("cnf") # such a token is bound to a key, so it is not a bearer token
      need %w[sub sid jti].all? { |name| identifier?(claims[name]) }
      need %w[iat exp auth_time ver].all? { |name| whole?(claims[name]) }
      need !claims.key?("org_ver") || whole?(claims["org_ver"])
      need claims["iat"] < claims["exp"] && claims["exp"] <= claims["iat"] + LONGEST_LIFE_SECONDS
      latest = now + CLOCK_TOLERANCE_SECONDS
      need claims["iat"] <= latest && claims["auth_time"] <= latest
      need !claims.key?("nbf") || (whole?(claims["nbf"]) && claims["nbf"] <= latest)
      need %w[org client_id acr].all? { |name| !claims.key?(name) || identifier?(claims[name]) } # older tokens have no client_id and no acr
      need text_list?(claims["roles"]) && text_list?(claims["amr"]) && text_list?(claims.fetch("permissions", []))
    end

    # Logs the reason once. The caller never gets it. Signature and issuer are valid at this point.
    def tell_audience(audiences)
      names = Array(audiences).grep(String).first(10).map { |name| name[0, 64].scrub("?").gsub(/[^\x21-\x7e]/, "?") }
      warn "sallyport: a token for #{names.empty? ? "nobody" : names.join(", ")} was refused: audience is #{@audience} here" unless @told_audience
      @told_audience = true
      raise TokenRefused, "token_invalid"
    end

    def need(holds)
      raise TokenRefused, "token_invalid" unless holds
    end

    # JSON has one kind of number: 3.0 is 3.
    def whole?(value)
      value.is_a?(Numeric) && value >= 0 && value < 2**53 && value == value.floor
    end

    def identifier?(value)
      Sallyport.identifier?(value)
    end

    def text_list?(value)
      value.is_a?(Array) && value.all?(String)
    end
  end

  # Parses the compact form (RFC 7515 section 7.1). Other forms are refused.
  module Token
    # If a member occurs twice, the standard parser keeps the last value, and other parsers keep the first. So duplicate members are an
    # error here.
    class OnceEach < Hash
      def []=(name, value)
        raise JSON::ParserError, "a member occurs twice" if key?(name)

        super
      end
    end

    module_function

    # Returns the header, the bytes of the payload and the bytes of the signature.
    def take_apart(token)
      parts = token.b.split(".", -1)
      raise TokenRefused, "token_invalid" unless token.bytesize <= LONGEST_TOKEN && parts.length == 3

      header, payload, signature = parts.map { |part| decode(part) }
      [parse_object(header), payload, signature]
    end

    # Decodes base64url without padding. Only the canonical form is accepted, which is the same after encoding it again.
    def decode(text)
      bytes = Base64.urlsafe_decode64(text)
      return bytes if text != "" && Base64.urlsafe_encode64(bytes, padding: false) == text

      raise TokenRefused, "token_invalid"
    rescue ArgumentError
      raise TokenRefused, "token_invalid"
    end

    # Matches a string or a comment. The standard parser skips comments, but JSON has none.
    TEXT_OR_COMMENT = %r{"(?:[^"\\]|\\.)*"|/[/*]}
    UNKNOWN_ESCAPE = %r{\\(?!["\\/bfnrtu])}

    # Parses one JSON object in UTF-8, without duplicate members, invalid numbers and numbers too large for a double (RFC 8725 section 3.7).
    def parse_object(bytes)
      text = bytes.dup.force_encoding(Encoding::UTF_8)
      value = JSON.parse(text, object_class: OnceEach, max_nesting: DEEPEST_NESTING) if text.valid_encoding?
      return value if value.is_a?(OnceEach) && plain?(text) && finite?(value)

      raise TokenRefused, "token_invalid"
    rescue JSON::ParserError
      raise TokenRefused, "token_invalid"
    end

    def plain?(text)
      text.scan(TEXT_OR_COMMENT).none? { |piece| piece.start_with?("/") || piece.gsub("\\\\", "").match?(UNKNOWN_ESCAPE) }
    end

    def finite?(value)
      case value
      when Hash then value.each_value.all? { |one| finite?(one) }
      when Array then value.all? { |one| finite?(one) }
      when Numeric then value.to_f.finite?
      else true
      end
    end
  end

  # Checks of the configuration, made at creation.
  module Settings
    module_function

    def require_that(holds, message)
      raise ArgumentError, message unless holds
    end

    # `plain` allows http for every host. Without it, http is allowed only for localhost.
    def require_address(name, url, plain:)
      uri = url.is_a?(String) ? URI.parse(url) : nil
      local = uri&.host.to_s.match?(/\A(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])\z/)
      safe = uri.is_a?(URI::HTTPS) || (uri.is_a?(URI::HTTP) && (plain || local))
      bare = safe && uri.host && [uri.userinfo, uri.query, uri.fragment].all?(&:nil?)
      require_that(bare, "#{name} must be an https URL (http on localhost only) without user, query or fragment.")
    rescue URI::InvalidURIError
      require_that(false, "#{name} is not a valid URL.")
    end
  end

  # Requests to the auth server: without redirects, with limits for time and size.
  module Http
    FAILURES = [SystemCallError, SocketError, IOError, Timeout::Error, OpenSSL::SSL::SSLError, Net::ProtocolError,
                Net::HTTPBadResponse, Net::HTTPHeaderSyntaxError, Zlib::Error, JSON::ParserError].freeze
    LARGEST_ANSWER = 64 * 1024
    SECONDS = 5
    JSON_TYPE = %r{\Aapplication/(?:[\w.!\#$&^-]+\+)?json\z}i

    module_function

    # Returns the object of a 200 with the media type JSON, so that a proxy's page with status 200 is ignored.
    def json(uri, request)
      deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + SECONDS
      options = { use_ssl: uri.scheme == "https", open_timeout: SECONDS, read_timeout: SECONDS, write_timeout: SECONDS, max_retries: 0 }
      body = nil
      Net::HTTP.start(uri.host, uri.port, **options) do |connection|
        connection.request(request) { |answer| body = read(answer, deadline) }
      end
      parse(body)
    end

    def read(answer, deadline)
      type = answer["content-type"].to_s.split(";").first.to_s.strip
      unless answer.code == "200" && type.match?(JSON_TYPE)
        raise IOError, "the response has status #{answer.code} and #{type.empty? ? "no media type" : type[0, 100]}"
      end

      body = +""
      answer.read_body do |piece|
        body << piece
        late = Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
        raise IOError, "the response is too large or too slow" if late || body.bytesize > LARGEST_ANSWER
      end
      body
    end

    def parse(body)
      found = JSON.parse(body)
      found.is_a?(Hash) ? found : raise(IOError, "the response is not an object")
    end
  end

  # The issuer's public keys, by `kid`. They are fetched again when they are ten minutes old, so that withdrawn keys are
  # removed. While that fails, they are used until they are an hour old. After that, no token can be verified. An unknown key is looked up
  # again, but not for every request.
  class KeySet
    COOL_DOWN_SECONDS = 10
    RETRY_SECONDS = 1 # while there is no key at all
    MAX_AGE_SECONDS = 600
    MAX_STALE_SECONDS = 3600
    MOST_KEYS = 64
    SECRET_MEMBERS = %w[d p q dp dq qi oth k].freeze

    def initialize(url, fetch: nil, clock: -> { Time.now.to_f })
      Settings.require_address("the address of the keys", url, plain: true)
      uri = URI(url)
      @fetch = fetch || -> { Http.json(uri, Net::HTTP::Get.new(uri, "Accept" => "application/jwk-set+json, application/json")) }
      @clock = clock
      @keys = {}
      @fetched_at = @asked_at = nil
      @failed = false
      @lock = Mutex.new
    end

    def find(kid)
      # A request with a known key does not wait. A request with an unknown key waits for the fetch that is running.
      @lock.synchronize { renew unless settled?(kid) || age(@asked_at) < wait_seconds } unless settled?(kid)
      key = @keys[kid]
      # The issuer may have published this key a moment ago. While the key set cannot be fetched, the token can be neither accepted nor
      # refused.
      raise Unavailable if !usable? || (key.nil? && @failed)

      key
    end

    private

    def settled?(kid)
      return false unless @keys.key?(kid)

      waits = @failed && usable? && age(@asked_at) < COOL_DOWN_SECONDS
      waits || age(@fetched_at) < MAX_AGE_SECONDS
    end

    def usable?
      age(@fetched_at) < MAX_STALE_SECONDS
    end

    def wait_seconds
      usable? ? COOL_DOWN_SECONDS : RETRY_SECONDS
    end

    # If the clock was set back, the age is negative. In this case, the key set counts as old.
    def age(since)
      age = since.nil? ? Float::INFINITY : @clock.call - since
      age.negative? ? Float::INFINITY : age
    end

    def renew
      started = @asked_at = @clock.call
      keys = read(@fetch.call)
      # A key set without a usable key withdraws the current keys. After that, no token can be verified.
      @keys = keys
      @failed = keys.empty?
      @fetched_at = keys.empty? ? nil : started
    rescue *Http::FAILURES => e
      warn "sallyport: no signing keys: #{e.message}"
      @failed = true
    end

    def read(document)
      found = document["keys"]
      raise IOError, "the response is not a key set" unless found.is_a?(Array) && found.size <= MOST_KEYS

      # Two keys with one `kid` are ambiguous, so neither is used.
      times = found.grep(Hash).map { |key| key["kid"] }.tally
      found.select { |key| usable_key?(key) && times[key["kid"]] == 1 }.filter_map { |key| import(key) }.to_h
    end

    # A key must be public, for signatures, and for one algorithm (RFC 8725 section 3.1). An invalid key does not affect the others.
    def usable_key?(key)
      key.is_a?(Hash) && Sallyport.identifier?(key["kid"]) &&
        key.values_at("kty", "crv") == %w[EC P-256] && key.fetch("alg", "ES256") == "ES256" && key.fetch("use", "sig") == "sig" &&
        (!key.key?("key_ops") || (key["key_ops"].is_a?(Array) && key["key_ops"].include?("verify"))) &&
        SECRET_MEMBERS.none? { |name| key.key?(name) } && %w[x y].all? { |name| coordinate?(key[name]) }
    end

    def coordinate?(text)
      text.is_a?(String) && Token.decode(text).bytesize == 32
    rescue TokenRefused
      false
    end

    def import(key)
      pair = JWT::JWK.import(key.slice("kty", "crv", "x", "y", "kid")).keypair
      [key["kid"], pair] if pair.public_key.on_curve?
    rescue JWT::JWKError, OpenSSL::PKey::PKeyError, OpenSSL::PKey::EC::Point::Error
      nil
    end
  end

  # Asks the auth server whether a token is active (RFC 7662). This is the simple way to check revocations. It sends one request per
  # token every few seconds. Until the next request, an ended session may be accepted. Only tokens with a valid signature are sent.
  class Introspection
    MOST_REMEMBERED = 10_000
    PAUSE_SECONDS = 1 # for this time after a failure, all requests are refused without waiting for a time-out

    def initialize(url, secret, remember_seconds: 5, clock: -> { Time.now.to_f })
      Settings.require_address("the address of introspection", url, plain: true)
      # During a rotation the setting has two secrets, `new,old`. The first is sent.
      secrets = secret.is_a?(String) ? secret.split(/ *, */, -1) : []
      Settings.require_that(secrets.any? && secrets.all?(/\A[\x21-\x7e]+\z/),
                            "the verifier's secret is missing, empty or not visible ASCII. Set it to the SALLYPORT_VERIFIER_SECRET of the auth server.")
      Settings.require_that(remember_seconds.is_a?(Numeric) && remember_seconds.between?(0, 60), "remember_seconds must be from 0 to 60.")
      @uri = URI(url)
      @secret = secrets.first
      @remember_seconds = remember_seconds
      @clock = clock
      @answers = {}
      @failed_at = nil
      @lock = Mutex.new
    end

    def active?(token)
      name = Digest::SHA256.digest(token)
      now = @clock.call
      active, asked_at = @lock.synchronize { @answers[name] }
      # If the clock was set back, the age is negative.
      return active if asked_at && (now - asked_at) >= 0 && now - asked_at < @remember_seconds
      raise Unavailable if @failed_at && (now - @failed_at) >= 0 && now - @failed_at < PAUSE_SECONDS

      ask(token).tap { |answer| remember(name, answer, now) }
    end

    # The number of cached responses, including expired ones.
    def size
      @answers.size
    end

    private

    def ask(token)
      request = Net::HTTP::Post.new(@uri, "Accept" => "application/json")
      request.basic_auth("ruby", URI.encode_www_form_component(@secret))
      request.set_form_data("token" => token)
      active = Http.json(@uri, request)["active"]
      raise IOError, "the response does not say whether the token is active" unless [true, false].include?(active)

      active
    rescue *Http::FAILURES => e
      warn "sallyport: introspection failed: #{e.message}"
      @failed_at = @clock.call
      raise Unavailable
    end

    # All responses are used for the same time. So the first entries are those that expire first.
    def remember(name, active, asked_at)
      @lock.synchronize do
        @answers.delete(name)
        @answers[name] = [active, asked_at]
        @answers.shift while @answers.size > MOST_REMEMBERED || ended?(@answers.first, asked_at)
      end
    end

    def ended?(answer, now)
      answer && !(now - answer.last.last).between?(0, @remember_seconds)
    end
  end
end
